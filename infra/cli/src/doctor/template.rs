//! The template that this version deploys, with what its conditions leave of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// As it was when this command was built.
const SOURCE: &str = include_str!("../../../../template.yaml");
/// Nested in it under this name: of these, what no condition guards.
const NESTED: &str = "Alarms";
const ALARMS: &str = include_str!("../../../../infra/observability/alarms.yaml");

/// The functions' type, before the SAM transform and after it.
const SAM_FUNCTION: &str = "AWS::Serverless::Function";
const FUNCTION: &str = "AWS::Lambda::Function";
const FEED: &str = "AWS::Lambda::EventSourceMapping";

/// A template, and the values of a stack's parameters.
#[derive(Debug)]
pub struct Template {
    whole: Value,
    nested: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
}

/// A function that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its logical id.
    pub name: String,
    /// The names of its environment variables, but for those that this stack leaves empty.
    pub variables: BTreeSet<String>,
    /// How many queues and streams feed it.
    pub feeds: usize,
}

impl Template {
    /// This version's template, as a stack with these parameters has it.
    ///
    /// # Errors
    /// When the template is no YAML, which the build's tests rule out.
    pub fn of_this_version(parameters: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut template = Self::parse(SOURCE, parameters)?;
        template.nested = Self::parse(ALARMS, &BTreeMap::new())?.unconditional();
        Ok(template)
    }

    fn unconditional(&self) -> BTreeMap<String, String> {
        let resources = self.whole.get("Resources").and_then(Value::as_object);
        let resources = resources.into_iter().flatten();
        let always = resources.filter(|(_, resource)| resource.get("Condition").is_none());
        always
            .map(|(name, resource)| (format!("{NESTED}/{name}"), text(&resource["Type"])))
            .collect()
    }

    /// Any template.
    ///
    /// # Errors
    /// When it is no YAML.
    pub fn parse(source: &str, parameters: &BTreeMap<String, String>) -> Result<Self, String> {
        let yaml: Yaml = serde_yaml_ng::from_str(source).map_err(|error| error.to_string())?;
        let whole = to_json(&yaml);
        let defaults = whole.get("Parameters").and_then(Value::as_object);
        let defaults = defaults
            .into_iter()
            .flatten()
            .filter_map(|(name, parameter)| Some((name.clone(), text(parameter.get("Default")?))));
        let mut values: BTreeMap<String, String> = defaults.collect();
        values.extend(parameters.clone());
        Ok(Self {
            whole,
            nested: BTreeMap::new(),
            parameters: values,
        })
    }

    /// Logical id and type of every resource that CloudFormation makes of it: the
    /// functions' feeds, which SAM adds, and what is nested among them.
    pub fn resources(&self) -> BTreeMap<String, String> {
        let mut resources = BTreeMap::new();
        for (name, resource) in self.present("Resources") {
            let kind = resource
                .get("Type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if kind != SAM_FUNCTION {
                resources.insert(name.clone(), kind.to_owned());
                continue;
            }
            resources.insert(name.clone(), FUNCTION.to_owned());
            for event in events(resource).keys() {
                resources.insert(format!("{name}{event}"), FEED.to_owned());
            }
        }
        resources.extend(self.nested.clone());
        resources
    }

    /// The names of its outputs.
    pub fn outputs(&self) -> BTreeSet<String> {
        self.present("Outputs")
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Its functions.
    pub fn functions(&self) -> Vec<Function> {
        let common = self
            .whole
            .pointer("/Globals/Function/Environment/Variables");
        let common = common.and_then(Value::as_object);
        let functions = self.present("Resources");
        let functions = functions.filter(|(_, resource)| resource["Type"] == SAM_FUNCTION);
        functions
            .map(|(name, resource)| {
                let variables = resource.pointer("/Properties/Environment/Variables");
                let variables = variables.and_then(Value::as_object).into_iter().flatten();
                Function {
                    name: name.clone(),
                    variables: variables
                        .chain(common.into_iter().flatten())
                        .filter(|(_, value)| !self.resolved(value).is_empty())
                        .map(|(name, _)| name.clone())
                        .collect(),
                    feeds: events(resource).len(),
                }
            })
            .collect()
    }

    fn present<'a>(&'a self, section: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let section = self.whole.get(section).and_then(Value::as_object);
        section.into_iter().flatten().filter(move |(_, value)| {
            let condition = value.get("Condition").and_then(Value::as_str);
            condition.is_none_or(|name| self.holds(name))
        })
    }

    /// Whether a condition holds for this stack. One of a form that is not known here
    /// does not: what it guards is then not asked for.
    fn holds(&self, name: &str) -> bool {
        let condition = self.whole.pointer(&format!("/Conditions/{name}"));
        condition.is_some_and(|condition| self.is_true(condition))
    }

    fn is_true(&self, condition: &Value) -> bool {
        let list = |name: &str| condition.get(name).and_then(Value::as_array);
        if let Some(name) = condition.get("Condition").and_then(Value::as_str) {
            return self.holds(name);
        }
        if let Some([one]) = list("Fn::Not").map(Vec::as_slice) {
            return !self.is_true(one);
        }
        if let Some(all) = list("Fn::And") {
            return all.iter().all(|one| self.is_true(one));
        }
        if let Some(any) = list("Fn::Or") {
            return any.iter().any(|one| self.is_true(one));
        }
        match list("Fn::Equals").map(Vec::as_slice) {
            Some([left, right]) => self.resolved(left) == self.resolved(right),
            _ => false,
        }
    }

    fn resolved(&self, value: &Value) -> String {
        let name = value.get("Ref").and_then(Value::as_str);
        let parameter = name.and_then(|name| self.parameters.get(name));
        parameter.cloned().unwrap_or_else(|| text(value))
    }
}

/// Those that SAM makes a feed of: all of ours are.
fn events(function: &Value) -> Map<String, Value> {
    let events = function
        .pointer("/Properties/Events")
        .and_then(Value::as_object);
    events.cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `!Ref x` becomes `{"Ref": "x"}`, `!Sub x` becomes `{"Fn::Sub": "x"}`, and so on.
fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let key = match name {
                "Ref" | "Condition" => name.to_owned(),
                other => format!("Fn::{other}"),
            };
            json!({ key: to_json(&tagged.value) })
        }
        Yaml::Mapping(mapping) => {
            let entries = mapping.iter();
            let entries = entries.map(|(key, value)| (text(&to_json(key)), to_json(value)));
            Value::Object(entries.collect())
        }
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        scalar => serde_json::to_value(scalar).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn template(parameters: &[(&str, &str)]) -> Template {
        let owned = parameters.iter();
        let owned = owned.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Template::of_this_version(&owned.collect()).unwrap()
    }

    #[test]
    fn the_optional_road_is_expected_only_where_it_is_asked_for() {
        let without = template(&[]);
        assert!(!without.resources().contains_key("PartnerDeadLetters"));
        assert!(!without.outputs().contains("PartnerDeadLettersUrl"));
        let with = template(&[("StripePartnerEventSource", "aws.partner/stripe.com/x")]);
        assert_eq!(with.resources()["PartnerDeadLetters"], "AWS::SQS::Queue");
        assert!(with.outputs().contains("PartnerDeadLettersUrl"));
    }

    #[test]
    fn functions_come_with_what_feeds_them() {
        let template = template(&[]);
        let resources = template.resources();
        assert_eq!(resources["ApplyEvent"], FUNCTION);
        assert_eq!(resources["ApplyEventQueue"], FEED);
        let alarm = &resources["Alarms/EventsDeadLettersAlarm"];
        assert_eq!(alarm, "AWS::CloudWatch::Alarm");
        let functions = template.functions();
        let apply = functions.iter().find(|f| f.name == "ApplyEvent").unwrap();
        assert_eq!(apply.feeds, 1);
        assert!(apply.variables.contains("MIRROR_TABLE"));
        // Empty unless somebody traces.
        assert!(!apply.variables.contains("OTLP_ENDPOINT"));
    }
}
