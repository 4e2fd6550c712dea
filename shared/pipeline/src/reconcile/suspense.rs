//! Money that waited on a suspense account, and does not any more.

use tributary_domain::ObjectId;
use tributary_ledger::Book;
use tributary_reconciliation::compare::entry::{SOURCE, inspect};
use tributary_reconciliation::finding::{Code, Finding};

use super::ports::{Books, Findings};
use super::settle::save;
use super::work::WorkError;

/// Closes what was found of entries that say nothing of the kind any more: they were
/// posted again by a rule that knows better. Answers how many.
///
/// # Errors
/// When the findings or the ledger fail.
pub async fn close_cleared<F: Findings, B: Books>(
    findings: &F,
    books: &B,
    book: &Book,
    now: i64,
) -> Result<usize, WorkError> {
    let mut closed = 0;
    for (finding, revision) in findings.open(book).await? {
        if is_cleared(books, &finding, now).await? {
            let gone = |finding: &mut Finding| finding.gone(now);
            save(findings, finding, revision, gone).await?;
            closed += 1;
        }
    }
    Ok(closed)
}

async fn is_cleared<B: Books>(books: &B, finding: &Finding, now: i64) -> Result<bool, WorkError> {
    if !matches!(finding.code, Code::UnknownType | Code::FeeMismatch) {
        return Ok(false);
    }
    let source = finding.evidence.get(SOURCE);
    let Some(source) = source.and_then(|source| ObjectId::parse(source).ok()) else {
        return Ok(false);
    };
    let entries = books.entries(&finding.book, &source).await?;
    let mut entries = entries.iter();
    let entry = entries.find(|entry| entry.transaction.as_str() == finding.subject);
    let is_there = |entry| {
        let found = inspect(entry, &finding.scope, now);
        found.iter().any(|one| one.code == finding.code)
    };
    Ok(entry.is_some_and(|entry| !is_there(entry)))
}
