"""Gene graphs: sources, landmark edges, coarsening, controls; arrays and frames in and out, no Kedro, no TensorFlow."""
