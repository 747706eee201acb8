"""Files to arrays and frames, and back; nothing here knows Kedro."""
