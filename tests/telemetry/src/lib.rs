//! What the pipeline tells of itself, heard as a whole: see `tests/`.
