//! What template.yaml says that costs money.

use std::path::Path;

use serde_yaml_ng::Value;

use crate::error::CostError;

/// How a function's logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lambda's lines are JSON and have a level.
    Json,
    /// Lambda's lines are text, always written.
    Text,
}

/// What Lambda writes about a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logging {
    /// In which form.
    pub format: Format,
    /// Whether successful invocations have lines of their own.
    pub successes: bool,
}

/// The template.
#[derive(Debug, Clone)]
pub struct Template(Value);

impl Template {
    /// Reads a template.
    pub fn load(path: &Path) -> Result<Self, CostError> {
        let text = std::fs::read_to_string(path)?;
        let value = serde_yaml_ng::from_str(&text);
        value
            .map(Self)
            .map_err(|error| CostError::Template(error.to_string()))
    }

    /// A function's memory, MB.
    pub fn memory_mb(&self, function: &str) -> Result<u64, CostError> {
        let own = self.at(&["Resources", function, "Properties", "MemorySize"]);
        let memory = own.or_else(|| self.at(&["Globals", "Function", "MemorySize"]));
        memory
            .and_then(Value::as_u64)
            .ok_or_else(|| missing(function, "MemorySize"))
    }

    /// What Lambda writes about a function. Without a level it is INFO.
    pub fn logging(&self, function: &str) -> Logging {
        let setting = |name| {
            let own = self.at(&["Resources", function, "Properties", "LoggingConfig", name]);
            own.or_else(|| self.at(&["Globals", "Function", "LoggingConfig", name]))
                .and_then(Value::as_str)
        };
        let json = setting("LogFormat") == Some("JSON");
        Logging {
            format: if json { Format::Json } else { Format::Text },
            successes: !json || setting("SystemLogLevel") != Some("WARN"),
        }
    }

    /// The most items that an event source hands to a function at once.
    pub fn batch_size(&self, function: &str, source: &str) -> Result<usize, CostError> {
        let path = [
            "Resources",
            function,
            "Properties",
            "Events",
            source,
            "Properties",
            "BatchSize",
        ];
        let size = self.at(&path).and_then(Value::as_u64);
        size.and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| missing(function, "BatchSize"))
    }

    /// The format of the API's access log; `None` if there is no such log.
    pub fn access_log(&self) -> Option<&str> {
        let path = [
            "Resources",
            "WebhookStage",
            "Properties",
            "AccessLogSettings",
            "Format",
        ];
        self.at(&path).and_then(Value::as_str)
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, name| value.get(name))
    }
}

fn missing(resource: &str, what: &str) -> CostError {
    CostError::Template(format!("{resource} has no {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repositorys_template_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let template = Template::load(&path).unwrap();
        assert_eq!(template.memory_mb("IngestWebhook").unwrap(), 256);
        assert_eq!(template.batch_size("ApplyEvent", "Queue").unwrap(), 10);
        assert_eq!(
            template
                .batch_size("PublishChanges", "MirrorStream")
                .unwrap(),
            100
        );
        assert_eq!(template.logging("ApplyEvent").format, Format::Json);
        assert!(template.access_log().unwrap().contains("$context.status"));
        template.memory_mb("Nobody").unwrap();
        template.batch_size("IngestWebhook", "Queue").unwrap_err();
    }

    #[test]
    fn text_cannot_be_filtered() {
        let template = |text: &str| Template(serde_yaml_ng::from_str(text).unwrap());
        let of = |logging: &str| {
            let text =
                format!("Resources: {{ F: {{ Properties: {{ LoggingConfig: {logging} }} }} }}");
            template(&text).logging("F")
        };
        assert!(!of("{ LogFormat: JSON, SystemLogLevel: WARN }").successes);
        assert!(of("{ LogFormat: JSON }").successes);
        assert!(of("{ SystemLogLevel: WARN }").successes);
    }
}
