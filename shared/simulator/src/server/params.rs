//! Form parameters in Stripe's bracket syntax, from a query string or a request body.

use super::error::Refusal;

/// The parameters of one request, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `a=1&b[c]=2&d[]=3`.
    pub(super) fn parse(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    pub(super) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The last value given for exactly `name`, such as `limit` or `created[gte]`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of an array parameter: `name[]` or `name[0]`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| is_element_of(key, name))
            .map(|(_, v)| v.as_str())
    }

    /// The value as an integer of minor units or seconds.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.get(name)
            .map(|value| parsed(name, value, "integer"))
            .transpose()
    }

    /// The value as `true` or `false`.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.get(name)
            .map(|value| parsed(name, value, "boolean"))
            .transpose()
    }

    /// A parameter without which the request makes no sense.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| Refusal::missing_parameter(name))
    }

    /// Refuses every parameter whose name up to the first bracket is not in `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown = self.0.iter().find(|(key, _)| !known.contains(&root(key)));
        unknown.map_or(Ok(()), |(key, _)| {
            Err(Refusal::unknown_parameter(root(key)))
        })
    }

    /// The parameters in a form in which equal requests are equal.
    pub(super) fn sorted(&self) -> Vec<(String, String)> {
        let mut pairs = self.0.clone();
        pairs.sort();
        pairs
    }
}

fn root(key: &str) -> &str {
    key.split('[').next().unwrap_or(key)
}

fn is_element_of(key: &str, name: &str) -> bool {
    let index = key
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('['));
    index
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
}

fn parsed<T: std::str::FromStr>(name: &str, value: &str, kind: &str) -> Result<T, Refusal> {
    value
        .parse()
        .map_err(|_| Refusal::invalid(name, format!("Invalid {kind}: {value}")))
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn brackets_name_arrays_and_ranges() {
        let params = Params::parse(b"types[]=a&types%5B1%5D=b&created[gte]=5&limit=3&limit=4");
        assert_eq!(params.all("types").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(params.integer("created[gte]"), Ok(Some(5)));
        assert_eq!(params.get("limit"), Some("4"));
        assert_eq!(params.all("created").count(), 0);
        assert!(params.integer("types[]").is_err());
    }

    #[test]
    fn unknown_roots_are_refused() {
        let params = Params::parse(b"created[gte]=5&limit=3");
        assert_eq!(params.only(&["limit", "created"]), Ok(()));
        assert!(params.only(&["limit"]).is_err());
    }
}
