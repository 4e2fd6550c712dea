//! Balance transactions: the only way to learn of them is to list them.

use serde_json::Value;

use super::{error::Refusal, filter::Filter, page::Page, request::Request, routes::View};
use crate::ApiError;

const EQUAL: [&str; 3] = ["source", "type", "currency"];
const RANGES: [&str; 1] = ["created"];

/// Answers `/v1/balance_transactions`.
pub(super) fn list(view: &View<'_>, request: &Request) -> Result<Value, Refusal> {
    let known = [&Page::PARAMS[..], &EQUAL, &RANGES, &["payout", "expand"]].concat();
    request.params.only(&known)?;
    let page = Page::of(&request.params)?;
    let filter = Filter::of(&request.params, &EQUAL, &RANGES)?;
    let wanted = |transaction: &Value| filter.accepts(transaction);
    let cut = match request.params.get("payout") {
        None => {
            let all = view.world.listed_transactions(&request.owner);
            page.cut(all, wanted)?
        }
        Some(payout) => page.cut(settled_by(view, request, payout)?.into_iter().rev(), wanted)?,
    };
    Ok(cut.list(&request.url()))
}

/// What an automatic payout settles; what a manual or instant one does, Stripe cannot tell.
fn settled_by<'a>(
    view: &View<'a>,
    request: &Request,
    payout: &str,
) -> Result<Vec<&'a Value>, Refusal> {
    match view.world.payout_transactions(&request.owner, payout) {
        None => Err(Refusal::missing("payout", payout, "payout")),
        Some(settled) if settled.is_empty() => {
            let message = "Only the transactions of automatic payouts can be listed.";
            Err(ApiError::invalid("payout_not_automatic", Some("payout"), message).into())
        }
        Some(settled) => Ok(settled),
    }
}
