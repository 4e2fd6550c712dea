//! What a function's code can call, read from its binary.
//!
//! The linker keeps what can be reached from `main` and drops the rest. Each operation
//! of an AWS SDK is carried out by a function of its own, called `orchestrate`; where
//! that is left in a binary, its code can call the operation, and nowhere else.

use std::collections::BTreeSet;

use object::{Object, ObjectSymbol};
use rustc_demangle::demangle;

use crate::surroundings::binary;

/// An operation, such as `send_message` of `sqs`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    pub(crate) service: String,
    pub(crate) name: String,
}

/// The operations that are left in a function's debug binary.
pub(crate) fn reachable(function: &str) -> BTreeSet<Operation> {
    let bytes = std::fs::read(binary(function)).unwrap();
    let file = object::File::parse(bytes.as_slice()).unwrap();
    let operations: BTreeSet<_> = file
        .symbols()
        .filter(ObjectSymbol::is_definition)
        .filter_map(|symbol| operation(&format!("{:#}", demangle(symbol.name().ok()?))))
        .collect();
    assert!(
        !operations.is_empty(),
        "{function} has no symbols or calls nothing"
    );
    operations
}

/// `aws_sdk_sqs::operation::send_message::SendMessage::orchestrate…`
fn operation(symbol: &str) -> Option<Operation> {
    let (_, path) = symbol.split_once("aws_sdk_")?;
    let mut parts = path.split("::");
    let service = parts.next()?;
    if parts.next()? != "operation" {
        return None;
    }
    let name = parts.next()?;
    parts.nth(1)?.starts_with("orchestrate").then(|| Operation {
        service: service.to_owned(),
        name: name.to_owned(),
    })
}
