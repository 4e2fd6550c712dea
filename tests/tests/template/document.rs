//! The template as JSON, with CloudFormation's short tags spelled out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// Values of a stack's parameters, by name.
pub(crate) type Parameters = BTreeMap<String, String>;

/// Policies that are resources of their own, and name the roles that they are of.
const POLICIES: [&str; 2] = ["AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"];

/// The repository's template.
pub(crate) struct Template(Value);

impl Template {
    pub(crate) fn load() -> Self {
        Self(to_json(&read_yaml(&repository().join("template.yaml"))))
    }

    /// The template of the nested stack called `name`, with what this one gives it
    /// in the place of its parameters.
    pub(crate) fn nested(&self, name: &str) -> Self {
        let stack = self.properties(name);
        let path = repository().join(stack["TemplateURL"].as_str().unwrap());
        let mut nested = to_json(&read_yaml(&path));
        let given = stack["Parameters"].as_object().unwrap();
        let asked = nested["Parameters"].as_object().unwrap();
        assert!(given.keys().eq(asked.keys()), "{name}: parameters differ");
        replace_parameters(&mut nested, given);
        Self(nested)
    }

    /// The alarms.
    pub(crate) fn alarms(&self) -> Self {
        self.nested("Alarms")
    }

    /// The dashboard and the saved queries.
    pub(crate) fn dashboard(&self) -> Self {
        self.nested("Dashboard")
    }

    /// A top-level section, such as `Rules`.
    pub(crate) fn section(&self, name: &str) -> &Map<String, Value> {
        self.0[name]
            .as_object()
            .unwrap_or_else(|| panic!("no section {name}"))
    }

    /// Name and definition of every resource of `kind`.
    pub(crate) fn resources(&self, kind: &str) -> Vec<(&str, &Value)> {
        let found: Vec<_> = self
            .section("Resources")
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(name, resource)| (name.as_str(), resource))
            .collect();
        assert!(!found.is_empty(), "no resource of type {kind}");
        found
    }

    /// The properties of the resource called `name`.
    pub(crate) fn properties(&self, name: &str) -> &Value {
        let properties = &self.section("Resources")[name]["Properties"];
        assert!(properties.is_object(), "{name} has no properties");
        properties
    }

    /// The statements of a role: those of the policies in it, and those of the policies
    /// that are resources of their own and name it.
    pub(crate) fn statements(&self, role: &str) -> Vec<&Value> {
        let inline = self.properties(role)["Policies"].as_array();
        let attached = self
            .section("Resources")
            .values()
            .filter(|resource| POLICIES.iter().any(|kind| resource["Type"] == *kind))
            .map(|resource| &resource["Properties"])
            .filter(|policy| roles(policy).contains(&role));
        inline
            .into_iter()
            .flatten()
            .chain(attached)
            .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
            .collect()
    }

    /// The parameter values a stack has when it overrides only `overrides`.
    pub(crate) fn parameters(&self, overrides: &Parameters) -> Parameters {
        let mut values: Parameters = self
            .section("Parameters")
            .iter()
            .map(|(name, parameter)| (name.clone(), text(&parameter["Default"])))
            .collect();
        values.extend(overrides.clone());
        values
    }

    /// Resolves a number that may be a parameter or a mapping's entry.
    pub(crate) fn number(&self, value: &Value, parameters: &Parameters) -> i64 {
        text(&self.resolve(value, parameters))
            .parse()
            .unwrap_or_else(|_| panic!("not a number: {value}"))
    }

    fn resolve(&self, value: &Value, parameters: &Parameters) -> Value {
        if let Some(name) = value["Ref"].as_str() {
            return json!(parameters[name]);
        }
        if let Some(path) = value["Fn::FindInMap"].as_array() {
            let keys: Vec<_> = path
                .iter()
                .map(|key| text(&self.resolve(key, parameters)))
                .collect();
            return self.0["Mappings"][&keys[0]][&keys[1]][&keys[2]].clone();
        }
        value.clone()
    }
}

fn replace_parameters(value: &mut Value, given: &Map<String, Value>) {
    if let Some(known) = value["Ref"].as_str().and_then(|name| given.get(name)) {
        // What is given on a condition is what it is when the condition holds.
        *value = known["Fn::If"].get(1).unwrap_or(known).clone();
        return;
    }
    match value {
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| replace_parameters(member, given)),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| replace_parameters(item, given)),
        _ => {}
    }
}

/// Reads one of `infra/parameters`.
pub(crate) fn parameter_file(name: &str) -> Parameters {
    let path = repository().join("infra/parameters").join(name);
    let values = to_json(&read_yaml(&path));
    values
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// The roles that a policy names.
fn roles(policy: &Value) -> Vec<&str> {
    let named = policy["Roles"].as_array();
    named
        .into_iter()
        .flatten()
        .map(|role| target(role).unwrap_or_else(|| panic!("no role of this stack: {role}")))
        .collect()
}

/// The logical name in `!Ref X` or `!GetAtt X.Attribute`.
pub(crate) fn target(reference: &Value) -> Option<&str> {
    let attribute = reference["Fn::GetAtt"]
        .as_str()
        .and_then(|path| path.split('.').next());
    reference["Ref"].as_str().or(attribute)
}

/// A value that may be one string or a list, as a list.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect())
}

/// A scalar as CloudFormation sees it: text.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read_yaml(path: &Path) -> Yaml {
    let source = std::fs::read_to_string(path).unwrap();
    serde_yaml_ng::from_str(&source).unwrap()
}

/// `!Ref x` becomes `{"Ref": "x"}`, `!Sub x` becomes `{"Fn::Sub": "x"}`, and so on.
fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let key = if matches!(name, "Ref" | "Condition") {
                name.to_owned()
            } else {
                format!("Fn::{name}")
            };
            json!({ key: to_json(&tagged.value) })
        }
        Yaml::Mapping(mapping) => mapping
            .iter()
            .map(|(key, value)| (text(&to_json(key)), to_json(value)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}
