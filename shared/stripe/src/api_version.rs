//! The API version that this code was written for.

/// The API version of every answer to our client, whatever the account's default is:
/// shapes change between versions, so a new one is adopted by a commit, with its tests.
pub const STRIPE_VERSION: &str = "2026-10-28.endive";

/// Whether what is rendered in `version` may have shapes that this code has never seen.
/// Versions begin with their date; one that does not is not compared.
pub fn is_newer_version(version: &str) -> bool {
    let date = |version: &str| version.get(..10).map(str::to_owned);
    let is_date = |text: &String| text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    date(version).filter(is_date) > date(STRIPE_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_dates() {
        for version in [
            "",
            "2020-08-27",
            "2026-10-28",
            "2026-10-28.other",
            "basil",
            "unstable-v1",
        ] {
            assert!(!is_newer_version(version), "{version}");
        }
        for version in ["2026-10-29.endive", "2027-01-01"] {
            assert!(is_newer_version(version), "{version}");
        }
    }
}
