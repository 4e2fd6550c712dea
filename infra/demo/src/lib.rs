//! The demo: a simulated day through the deployed stack, compared with the truth.
