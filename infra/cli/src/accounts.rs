//! Whose something is, where a person names no more than an id.

use tributary_aws::reconcile::DynamoControl;
use tributary_aws::secrets::api_key;
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{Control, Coverage};

use crate::context::Context;
use crate::failure::Failure;

/// The mode of a stack's books, which is that of its API key. A local stack may not be
/// live by its parameters, and its simulated Stripe is live all the same: there the key
/// is read.
///
/// # Errors
/// As [`Context::stack`].
pub async fn mode_of_stack(context: &Context) -> Result<Mode, Failure> {
    let parameter = context.stack().await?.parameters.get("StripeMode");
    if parameter.map(String::as_str) == Some("live") {
        return Ok(Mode::Live);
    }
    if context.local_endpoint().is_none() {
        return Ok(Mode::Test);
    }
    let id = context.output("StripeApiKeySecretId").await?;
    let key = api_key(context.aws().await?, id).await;
    Ok(Mode::of(key.is_ok_and(|key| key.contains("_live_"))))
}

/// Both modes, the stack's own first: a Connect endpoint receives test events too.
///
/// # Errors
/// As [`Context::stack`].
pub async fn modes(context: &Context) -> Result<[Mode; 2], Failure> {
    Ok(match mode_of_stack(context).await? {
        Mode::Live => [Mode::Live, Mode::Test],
        Mode::Test => [Mode::Test, Mode::Live],
    })
}

/// How far each book has come.
///
/// # Errors
/// When the table cannot be read.
pub async fn control(context: &Context) -> Result<DynamoControl, Failure> {
    let control = context.output("ControlTableName").await?.to_owned();
    let findings = context.output("FindingsTableName").await?.to_owned();
    Ok(DynamoControl::new(context.aws().await?, control, findings))
}

/// The books of a mode, as reconciliation knows them.
///
/// # Errors
/// When the table cannot be read.
pub async fn roster(context: &Context, mode: Mode) -> Result<Vec<(Book, Coverage)>, Failure> {
    let control = control(context).await?;
    let (mut books, mut after) = (Vec::new(), None);
    loop {
        let page = control.roster(mode, after.as_deref()).await?;
        books.extend(page.books);
        after = page.next;
        if after.is_none() {
            return Ok(books);
        }
    }
}

/// Reads `platform` or an account's id, as an argument.
///
/// # Errors
/// When it is neither.
pub fn owner(text: &str) -> Result<Owner, String> {
    Owner::parse(text).map_err(|_| "neither an account's id (acct_…) nor `platform`".to_owned())
}
