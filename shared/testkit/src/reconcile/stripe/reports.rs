//! Reports of what was booked.

use std::ops::RangeInclusive;

use tributary_domain::{Currency, Mode};
use tributary_ledger::Day;
use tributary_pipeline::ledger::ListError;
use tributary_pipeline::reconcile::{Reported, Reports, Runs};
use tributary_reconciliation::compare::payout;
use tributary_reconciliation::report::{self, Digests, PaidSums};

use super::{Known, MemoryStripe};

/// Reports that are asked for together.
const REPORTS: usize = 4;

impl Reports for MemoryStripe {
    async fn start(&self, mode: Mode, first: Day, last: Day) -> Result<Option<Runs>, ListError> {
        let mut known = self.known();
        // The question until when there is data.
        known.calls += 1;
        if known.reports_until.is_some_and(|until| last >= until) {
            return Ok(None);
        }
        known.calls += REPORTS;
        let runs = [
            mode.as_str().to_owned(),
            first.to_string(),
            last.to_string(),
        ];
        Ok(Some(Runs(runs.to_vec())))
    }

    async fn fold(&self, runs: &Runs) -> Result<Option<Reported>, ListError> {
        let invalid = || ListError::Invalid("no such run".to_owned());
        let mut known = self.known();
        // The look at all of them.
        known.calls += 1;
        if known.report_pending > 0 {
            known.report_pending -= 1;
            return Ok(None);
        }
        known.calls += REPORTS;
        let [mode, first, last] = runs.0.as_slice() else {
            return Err(invalid());
        };
        let day = |text: &str| Day::parse(text).map_err(|_| invalid());
        let days = day(first)?..=day(last)?;
        let (mut digests, mut failed) = (Digests::default(), None);
        self.movements.visit(|book, movement| {
            let is_payout = movement.reporting_category.starts_with("payout");
            let day = Day::of(movement.created);
            if book.mode.as_str() != mode || !days.contains(&day) || is_payout {
                return;
            }
            match Currency::parse(movement.currency.as_bytes()) {
                Some(currency) => {
                    let id = movement.id.as_str();
                    digests.add(&book.owner, day, currency, id, movement.net);
                }
                None => failed = Some(invalid()),
            }
        });
        if let Some(failed) = failed {
            return Err(failed);
        }
        Ok(Some(Reported {
            digests,
            paid_out: paid_out(&known, mode, &days)?,
        }))
    }
}

/// What the payouts of a mode paid out that arrive on some days, themselves not among it.
fn paid_out(
    known: &Known,
    mode: &str,
    days: &RangeInclusive<Day>,
) -> Result<report::PaidOut, ListError> {
    let mut paid_out = report::PaidOut::new();
    for (book, payouts) in &known.payouts {
        let arrived = payouts.iter().filter(|(_, payout)| {
            days.contains(&Day::of(payout.arrival_date)) && payout::is_explainable(payout)
        });
        for (key, _) in arrived.filter(|(key, _)| key.mode.as_str() == mode) {
            let of_payout = paid_out.entry(book.owner.clone()).or_default();
            let sums: &mut PaidSums = of_payout.entry(key.id.clone()).or_default();
            let movements = known.paid_out.get(&key.id).into_iter().flatten();
            for movement in movements.filter(|it| !payout::is_of(it, &key.id)) {
                let currency = Currency::parse(movement.currency.as_bytes());
                let currency =
                    currency.ok_or_else(|| ListError::Invalid("no currency".to_owned()))?;
                let sum = sums.entry((movement.reporting_category.clone(), currency));
                let sum = sum.or_default();
                sum.count += 1;
                sum.net += i128::from(movement.net);
            }
        }
    }
    Ok(paid_out)
}
