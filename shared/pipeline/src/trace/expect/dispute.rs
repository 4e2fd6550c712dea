//! What is to be said of a payer's objection.

use tributary_domain::change::state::Dispute;
use tributary_ledger::Rule;

use super::{Remedy, View, in_effect, note};
use crate::trace::gather::Told;
use crate::trace::ports::Place;

impl View<'_> {
    pub(super) fn dispute(&mut self, place: &Place, told: &Told, dispute: &Dispute) {
        match dispute.status.as_str() {
            "needs_response" | "warning_needs_response" => {
                let says = "evidence has to be handed in, or the dispute is lost";
                let due = note("evidence_due", place, says);
                self.next
                    .push(Self::due(due, dispute).remedy(Remedy::AskAccount));
            }
            "under_review" | "warning_under_review" => {
                let says = "the payer's bank is deciding";
                self.next.push(note("decision_expected", place, says));
            }
            "lost" if is_told_on(told) => {}
            "lost" => {
                let says = "it is lost, and no entry says whose loss it is";
                let missing = note("outcome_missing", place, says);
                self.missing.push(missing.remedy(Remedy::LedgerDeadLetters));
            }
            _ => {}
        }
    }

    fn due(mut note: super::Note, dispute: &Dispute) -> super::Note {
        note.at = dispute.evidence.due_by;
        note
    }
}

/// Whether nothing was booked of it, or it is derived what became of that.
fn is_told_on(told: &Told) -> bool {
    told.node.entries.is_empty() || !in_effect(told, Rule::DisputeOutcome).is_empty()
}
