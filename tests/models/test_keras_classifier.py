from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import keras
import numpy as np
import pytest
import tensorflow as tf
from published_network import GENES, X, Y, classifier, shaken
from sklearn.base import clone
from sklearn.utils import check_random_state

from l1000_bench.errors import InputError
from l1000_bench.models import epochs
from l1000_bench.models.backend import load
from l1000_bench.models.stored_network import StoredNetwork


def test_the_same_seed_gives_the_same_predictions_and_another_one_others() -> None:
    state = check_random_state(None).get_state()[1]  # numpy's global one
    told = [classifier(random_state=seed).fit(X, Y).predict_proba(X) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(told[0], told[1])
    assert np.abs(told[0] - told[2]).max() > 0.01
    np.testing.assert_array_equal(check_random_state(None).get_state()[1], state)


def test_xla_computes_the_same() -> None:
    told = [
        classifier(dropout=0.0, jit_compile=jit_compile).fit(X, Y).predict_proba(X)
        for jit_compile in (True, True, False)
    ]
    np.testing.assert_array_equal(told[0], told[1])
    np.testing.assert_allclose(told[0], told[2], atol=1e-5)


def test_an_estimator_is_as_new_when_it_is_fitted_again() -> None:
    model = classifier(dropout=0.5).fit(X, Y)
    first = model.predict_proba(X)
    model.fit(X[:90], Y[:90])
    assert np.abs(model.predict_proba(X) - first).max() > 1e-3
    np.testing.assert_array_equal(model.fit(X, Y).predict_proba(X), first)


def test_two_fitted_models_of_one_plan_do_not_mix() -> None:
    a, b = classifier().fit(X, Y), classifier().fit(X, Y[::-1])
    for_a, for_b = a.predict_proba(X), b.predict_proba(X)
    assert np.abs(for_a - for_b).max() > 1e-3
    np.testing.assert_array_equal(a.predict_proba(X), for_a)


def test_terms_may_be_made_for_all_epochs_or_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [classifier().fit(X, Y).predict_proba(X)]
    monkeypatch.setattr(epochs, "RESIDENT_BYTES", 0)
    for part_bytes in (1, 4 * (24 * 4 + 4) * 20 * 3):  # one step at a time, and three
        monkeypatch.setattr(epochs, "PART_BYTES", part_bytes)
        told.append(classifier().fit(X, Y).predict_proba(X))
    np.testing.assert_allclose(told[1], told[0], atol=1e-6)
    np.testing.assert_allclose(told[2], told[0], atol=1e-6)


def test_it_is_copied_and_sent_to_other_processes(tmp_path: Path) -> None:
    model = classifier().fit(X, Y)
    expected = model.predict_proba(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), expected)
    joblib.dump(model, tmp_path / "model.joblib")
    np.testing.assert_array_equal(joblib.load(tmp_path / "model.joblib").predict_proba(X), expected)
    copy = clone(model)
    assert not hasattr(copy, "weights_")
    names = [name for name in model.get_params() if name != "pyramid"]
    assert [copy.get_params()[name] for name in names] == [model.get_params()[name] for name in names]
    copy.set_params(filters=(7,), K=(2,), pool=(2,)).fit(X, Y)
    assert copy.weights_[0].shape == (2, 7)


def test_parameters_set_after_the_fit_change_no_prediction() -> None:
    model = classifier().fit(X, Y)
    expected = model.predict_proba(X)
    np.testing.assert_array_equal(model.set_params(hidden=(99,), pyramid=None).predict_proba(X), expected)


def test_the_stored_network_predicts_the_same_here_and_in_a_fresh_process(tmp_path: Path) -> None:
    model = shaken(classifier().fit(X, Y))
    expected = model.predict_proba(X)
    content = model.to_keras()
    assert model.to_keras() == content  # no date, no counter in it
    stored = StoredNetwork(content, model.classes_.tolist())
    np.testing.assert_allclose(stored.predict_proba(X), expected, atol=1e-6)
    assert stored.predict(X).tolist() == model.predict(X).tolist()

    model.save_keras(tmp_path / "model.keras")
    assert (tmp_path / "model.keras").read_bytes() == content
    np.save(tmp_path / "X.npy", X)
    script = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from l1000_bench.models.stored_network import StoredNetwork\n"
        "stored = StoredNetwork(Path('model.keras').read_bytes(), ['DMSO', 'drug', 'shRNA'])\n"
        "stored.get_params()\n"
        "print('tensorflow' in sys.modules)\n"
        "np.save('told.npy', stored.predict_proba(np.load('X.npy')))\n"
    )
    assert run(script, tmp_path) == "False\n"  # Keras is imported with the first prediction
    np.testing.assert_allclose(np.load(tmp_path / "told.npy"), expected, atol=1e-6)


def test_a_fresh_process_trains_the_same(tmp_path: Path) -> None:
    model = classifier(dropout=0.5, jit_compile=True)
    joblib.dump((model, X, Y), tmp_path / "unfitted.joblib")
    script = (
        "import joblib, numpy as np\n"
        "model, X, Y = joblib.load('unfitted.joblib')\n"
        "np.save('told.npy', model.fit(X, Y).predict_proba(X))\n"
    )
    run(script, tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "told.npy"), model.fit(X, Y).predict_proba(X))


def run(script: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_building_a_classifier_does_not_import_tensorflow(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from sklearn.base import clone\n"
        "from l1000_bench.models.chebnet import ChebNetClassifier\n"
        "from l1000_bench.models.mlp import KerasMLPClassifier, SelfNormalizingClassifier\n"
        "for cls in (ChebNetClassifier, KerasMLPClassifier, SelfNormalizingClassifier):\n"
        "    clone(cls(epochs=3)).set_params(epochs=4).get_params()\n"
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))\n"
    )
    assert run(script, tmp_path) == "[]\n"


def test_a_stored_network_is_used_but_not_fitted() -> None:
    stored = StoredNetwork(classifier().fit(X, Y).to_keras(), ["DMSO", "drug", "shRNA"])
    assert stored.classes_.tolist() == ["DMSO", "drug", "shRNA"]
    with pytest.raises(InputError, match="a stored network cannot be fitted"):
        stored.fit(X, Y)
    with pytest.raises(InputError, match="the network takes 19 genes, the profiles have 5"):
        stored.predict(X[:, :5])
    with pytest.raises(InputError, match=r"model\.keras holds no network of this project"):
        StoredNetwork(b"nothing", ["a"]).predict(X)


def hostile_archive() -> bytes:
    """A `.keras` archive with code in a Lambda layer."""
    model = keras.Sequential([keras.Input((GENES,)), keras.layers.Lambda(lambda x: x)])
    stream = io.BytesIO()
    keras.src.saving.saving_lib.save_model(model, stream)
    return stream.getvalue()


def test_code_in_an_archive_is_refused() -> None:
    with pytest.raises(InputError, match=r"holds no network of this project .*[Ll]ambda"):
        StoredNetwork(hostile_archive(), ["a"]).predict(X)


def test_threads_are_fixed_by_the_first_use_and_a_later_wish_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    running = tf.config.threading.get_intra_op_parallelism_threads()
    load("training", n_jobs=None)
    assert not caplog.records
    load("training", n_jobs=running + 1)
    assert f"TensorFlow keeps its {running} threads (0: all) in this process; n_jobs is {running + 1}." in caplog.text
