//! Figures as pictures: SVG that is text, reads in light and in dark, and changes in
//! a commit only where a figure did.

mod bars;
mod lines;
mod svg;

pub use bars::{Bar, Bars};
pub use lines::{Line, LogLog, slope};
