//! Configuration, read once at start from what Lambda gives a function.

use std::collections::BTreeMap;

/// A setting that is missing or unusable. Names every one of them at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function cannot start: {}. These are environment variables that template.yaml sets", .problems.join("; "))]
pub struct SettingsError {
    /// One sentence for each setting.
    pub problems: Vec<String>,
}

/// The settings of a function. Read all of them, then ask [`Settings::done`]
/// whether any was missing.
#[derive(Debug)]
pub struct Settings {
    values: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Settings {
    /// The settings of this process.
    pub fn from_env() -> Self {
        Self::from_pairs(std::env::vars())
    }

    /// Settings from anywhere else.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            values: pairs.into_iter().collect(),
            problems: Vec::new(),
        }
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> String {
        match self.values.get(name).map(|value| value.trim()) {
            Some(value) if !value.is_empty() => value.to_owned(),
            Some(_) => self.problem(format!("{name} is empty")),
            None => self.problem(format!("{name} is not set")),
        }
    }

    /// A text with a default.
    pub fn text_or(&mut self, name: &str, default: &str) -> String {
        match self.values.get(name).map(|value| value.trim()) {
            Some(value) if !value.is_empty() => value.to_owned(),
            _ => default.to_owned(),
        }
    }

    /// A whole number that must be there and lie within bounds.
    pub fn number(&mut self, name: &str, bounds: std::ops::RangeInclusive<i64>) -> i64 {
        let text = self.text(name);
        match text.parse::<i64>() {
            Ok(number) if bounds.contains(&number) => number,
            _ if text.is_empty() => 0,
            _ => {
                self.problem(format!(
                    "{name} is not a whole number from {} to {}",
                    bounds.start(),
                    bounds.end()
                ));
                0
            }
        }
    }

    /// A list of `name=value` pairs, joined by commas, that must not be empty.
    pub fn pairs(&mut self, name: &str) -> BTreeMap<String, String> {
        let text = self.text(name);
        let mut pairs = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            match part.split_once('=') {
                Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
                    pairs.insert(key.trim().to_owned(), value.trim().to_owned());
                }
                _ => {
                    self.problem(format!("{name} is not a list of name=value pairs"));
                }
            }
        }
        pairs
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When any setting was missing or unusable; the error names them all.
    pub fn done(self) -> Result<(), SettingsError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(SettingsError {
                problems: self.problems,
            })
        }
    }

    fn problem(&mut self, problem: String) -> String {
        self.problems.push(problem);
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::from_pairs(
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn every_missing_setting_is_named_at_once() {
        let mut settings = settings(&[("EMPTY", " "), ("DAYS", "12.5"), ("PAIRS", "a=b,c")]);
        settings.text("QUEUE");
        settings.text("EMPTY");
        settings.number("DAYS", 35..=400);
        settings.pairs("PAIRS");
        let problems = settings.done().unwrap_err().problems;
        assert_eq!(
            problems,
            [
                "QUEUE is not set",
                "EMPTY is empty",
                "DAYS is not a whole number from 35 to 400",
                "PAIRS is not a list of name=value pairs",
            ]
        );
    }

    #[test]
    fn good_settings_are_read() {
        let mut settings = settings(&[("DAYS", "35"), ("PAIRS", "a=arn:x:y, b=z")]);
        assert_eq!(settings.number("DAYS", 35..=400), 35);
        assert_eq!(
            settings.pairs("PAIRS").get("b").map(String::as_str),
            Some("z")
        );
        assert_eq!(settings.text_or("BASE", "x"), "x");
        settings.done().unwrap();
    }
}
