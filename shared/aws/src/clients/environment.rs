//! Settings of the SDK in the environment.

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The first of these variables that is set, and not to nothing.
pub(super) fn first(names: &[&str]) -> Option<String> {
    let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
    values.find(|value| !value.is_empty())
}

/// What is set for one service, such as `AWS_ENDPOINT_URL_S3`, or for all.
#[derive(Debug)]
pub(super) struct Services;

impl LoadServiceConfig for Services {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        first(&[&of_service(key.env(), key.service_id()), key.env()])
    }
}

/// The name of a service's own variable (AWS SDKs and Tools Reference Guide,
/// service-specific endpoints).
fn of_service(variable: &str, service_id: &str) -> String {
    let service = service_id.replace([' ', '-'], "_").to_ascii_uppercase();
    format!("{variable}_{service}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_variable_has_its_id_in_capitals() {
        let of = |id| of_service("AWS_ENDPOINT_URL", id);
        assert_eq!(of("S3"), "AWS_ENDPOINT_URL_S3");
        assert_eq!(of("Secrets Manager"), "AWS_ENDPOINT_URL_SECRETS_MANAGER");
    }

    #[test]
    fn what_is_set_for_no_one_is_not_set() {
        assert_eq!(
            first(&["TRIBUTARY_TEST_UNSET", "TRIBUTARY_TEST_UNSET_TOO"]),
            None
        );
        assert_eq!(
            first(&["TRIBUTARY_TEST_UNSET", "CARGO_PKG_NAME"]),
            Some(env!("CARGO_PKG_NAME").to_owned())
        );
    }
}
