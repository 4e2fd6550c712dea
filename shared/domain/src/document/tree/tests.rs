use super::*;

fn tree(text: &str) -> Tree<'_> {
    Tree::parse(text).unwrap()
}

fn written(text: &str) -> String {
    let mut out = String::new();
    tree(text).write(&mut out);
    out
}

const VALUES: [&str; 6] = ["null", "true", "7", r#""text""#, "[1]", r#"{"a":1}"#];

#[test]
fn a_value_is_read_as_what_it_is_and_as_nothing_else() {
    for text in VALUES {
        let value = tree(text);
        assert_eq!(value.as_bool(), (text == "true").then_some(true), "{text}");
        assert_eq!(value.as_i64(), (text == "7").then_some(7), "{text}");
        assert_eq!(value.as_str(), (text == r#""text""#).then_some("text"));
        assert_eq!(value.as_branch().is_some(), text == r#"{"a":1}"#);
        assert_eq!(value.get("a").is_some(), text == r#"{"a":1}"#);
    }
    assert_eq!(tree("false").as_bool(), Some(false));
}

#[test]
fn only_what_is_written_as_an_integer_is_one() {
    for (text, number) in [
        ("-7", Some(-7)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("18446744073709551616", None),
        ("1.0", None),
        ("1e+3", None),
    ] {
        assert_eq!(tree(text).as_i64(), number, "{text}");
        assert_eq!(written(text), text);
    }
}

#[test]
fn attributes_are_found_wherever_they_stood() {
    let object = tree(r#"{"b":2,"\u0061":1,"d":4,"c":3}"#);
    for (name, number) in [
        ("a", Some(1)),
        ("b", Some(2)),
        ("c", Some(3)),
        ("d", Some(4)),
        ("e", None),
    ] {
        assert_eq!(object.get(name).and_then(Tree::as_i64), number, "{name}");
    }
}

#[test]
fn of_a_name_that_is_there_twice_the_last_counts() {
    for (text, last, repeats) in [
        (r#"{"a":1,"b":2}"#, "1", false),
        (r#"{"a":1,"a":2,"b":0}"#, "2", true),
        (r#"{"a":1,"b":0,"a":2,"\u0061":3}"#, "3", true),
        (r#"{"b":0,"a":2,"b":1}"#, "2", true),
    ] {
        let object = tree(text);
        assert_eq!(
            object.as_branch().map(Branch::repeats),
            Some(repeats),
            "{text}"
        );
        assert_eq!(object.get("a"), Some(&tree(last)), "{text}");
    }
    assert_eq!(written(r#"{"b":1,"a":1,"b":2,"a":2}"#), r#"{"a":2,"b":2}"#);
}

#[test]
fn what_is_removed_is_gone_and_nothing_else() {
    let Tree::Object(mut branch) = tree(r#"{"a":1,"b":2,"c":3}"#) else {
        unreachable!("an object")
    };
    branch.remove("b");
    branch.remove("d");
    assert_eq!(Tree::Object(branch), tree(r#"{"a":1,"c":3}"#));
}

#[test]
fn strings_are_written_with_the_fewest_escapes() {
    for text in [
        r#""""#,
        r#""\"""#,
        r#""\\""#,
        r#""\u0001""#,
        r#""\u001f \u007f""#.replace("\\u007f", "\u{7f}").as_str(),
        r#""\n\t/é ""#,
    ] {
        assert_eq!(written(text), text);
    }
    assert_eq!(written(r#""\u0061\/\u00e9""#), r#""a/é""#);
}

#[test]
fn a_tree_of_a_value_is_the_tree_of_its_text() {
    let text = r#"{"a":[null,true,false,-1,1.50,1e+400,"é\"",{}],"b":{"c":[]}}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(Tree::from(&value), tree(text));
    assert_eq!(written(text), text);
}
