use super::*;

fn too_deep(text: &str) -> bool {
    match check_nesting(text) {
        Ok(()) => false,
        Err(refused) => refused.code == "too_deep",
    }
}

#[test]
fn only_brackets_that_are_open_at_once_nest() {
    let open = |count| "[".repeat(count);
    for text in [
        open(127),
        format!("{}][", open(127)),
        "[]".repeat(500),
        "{}".repeat(500),
        format!("\"{}\"", open(500)),
        format!(r#""\"{}""#, open(500)),
        format!(r#""\\\"{}""#, open(500)),
    ] {
        assert!(!too_deep(&text), "{text}");
    }
    for text in [
        open(128),
        "{".repeat(128),
        "{\"a\":[".repeat(64),
        format!("{}][[", open(127)),
        format!("]]}}{}", open(128)),
        format!("\"a\"{}", open(128)),
        format!(r#""\\"{}"#, open(128)),
        // No JSON, and not for this look to say.
        format!("\\{}", open(128)),
    ] {
        assert!(too_deep(&text), "{text}");
    }
}

#[test]
fn a_quote_before_what_is_reserved_is_looked_for() {
    for text in [r#"{"$a":1}"#, r#"{"\u0024":1}"#] {
        assert!(may_open_reserved_key(text), "{text}");
    }
    for text in ["{}", r#"{"a$":"\\n"}"#] {
        assert!(!may_open_reserved_key(text), "{text}: a look for nothing");
    }
}

#[test]
fn fields_are_read_as_what_they_are() {
    let text = r#"{"z":null,"text":"a\u0062","yes":true,"no":false,"int":-7,"list":[1, 2]}"#;
    let fields = Fields::read(text).ok().unwrap();
    assert_eq!(fields.raw("list"), Some("[1, 2]"));
    assert_eq!((fields.raw("z"), fields.raw("absent")), (None, None));
    assert_eq!(fields.string("text").as_deref(), Some("ab"));
    assert_eq!((fields.string("int"), fields.string("z")), (None, None));
    assert_eq!(fields.boolean("yes"), Some(true));
    assert_eq!(fields.boolean("no"), Some(false));
    assert_eq!(fields.boolean("text"), None);
    assert_eq!(fields.integer("int"), Some(-7));
    assert_eq!((fields.integer("yes"), fields.integer("z")), (None, None));
}

#[test]
fn what_gives_no_fields_says_why() {
    for (text, why, code) in [
        ("", NoFields::NotJson, "not_json"),
        ("{", NoFields::NotJson, "not_json"),
        ("[]", NoFields::NotAnObject, "not_an_event"),
        ("1", NoFields::NotAnObject, "not_an_event"),
        (
            r#"{"a":1,"b":2,"a":1}"#,
            NoFields::DuplicateKey,
            "duplicate_key",
        ),
        (
            r#"{"a":1,"\u0061":1}"#,
            NoFields::DuplicateKey,
            "duplicate_key",
        ),
    ] {
        assert_eq!(Fields::read(text).err(), Some(why), "{text}");
        let refused = why.of("the thing");
        assert_eq!(refused.code, code);
        assert!(refused.detail.starts_with("the thing "), "{refused}");
    }
}
