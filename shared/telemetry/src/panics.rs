//! Panics say where, not what: their texts quote what was in a string.

use std::panic;
use std::path::Path;

/// Logs the place of every panic, in the place of the standard library's report,
/// which holds its text.
pub fn report_places() {
    panic::set_hook(Box::new(|info| {
        let place = info.location();
        let file = place.and_then(|place| Path::new(place.file()).file_name());
        crate::error!(
            "a panic",
            code = "panic",
            file = file.and_then(|name| name.to_str()).unwrap_or_default(),
            line = place.map_or(0, panic::Location::line),
        );
    }));
}
