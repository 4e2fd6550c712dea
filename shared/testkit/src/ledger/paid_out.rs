//! What payouts paid out, in memory.

use tributary_domain::ObjectId;
use tributary_ledger::Book;
use tributary_pipeline::ledger::LedgerError;
use tributary_pipeline::reconcile::paid_out::{LINES_MAX, PAYOUTS_MAX};
use tributary_pipeline::reconcile::{PaidLine, PaidLines, PaidOut, PaidOuts};

use super::MemoryLedger;

/// Lines of one answer: as many items as DynamoDB gives in one.
const ANSWER_MAX: usize = 100 * LINES_MAX;

impl PaidOuts for MemoryLedger {
    async fn keep_paid_out(
        &self,
        book: &Book,
        paid: &PaidOut,
        lines: &[PaidLine],
    ) -> Result<(), LedgerError> {
        self.charge(0, 1 + lines.len().div_ceil(LINES_MAX));
        let key = (paid.created, paid.payout.clone());
        let kept = (paid.clone(), lines.to_vec());
        self.with(book, |book| book.paid_out.insert(key, kept));
        Ok(())
    }

    async fn paid_out_by(
        &self,
        book: &Book,
        payout: &ObjectId,
        created: i64,
    ) -> Result<Option<PaidOut>, LedgerError> {
        self.charge(1, 0);
        let key = (created, payout.clone());
        Ok(self.with(book, |book| {
            book.paid_out.get(&key).map(|(paid, _)| paid.clone())
        }))
    }

    async fn paid_out_since(&self, book: &Book, since: i64) -> Result<Vec<PaidOut>, LedgerError> {
        self.charge(1, 0);
        Ok(self.with(book, |book| {
            let since = book.paid_out.iter().filter(|((at, _), _)| *at >= since);
            let since = since.take(PAYOUTS_MAX);
            since.map(|(_, (paid, _))| paid.clone()).collect()
        }))
    }

    async fn paid_lines(
        &self,
        book: &Book,
        paid: &PaidOut,
        after: Option<&ObjectId>,
    ) -> Result<PaidLines, LedgerError> {
        let lines = self.lines(book, paid);
        let mut rest = lines
            .into_iter()
            .filter(|line| after.is_none_or(|after| line.transaction > *after));
        let lines: Vec<_> = rest.by_ref().take(ANSWER_MAX).collect();
        self.charge(lines.len().div_ceil(LINES_MAX), 0);
        let last = lines.last().map(|line| line.transaction.clone());
        Ok(PaidLines {
            lines,
            next: last.filter(|_| rest.next().is_some()),
        })
    }

    async fn paid_line(
        &self,
        book: &Book,
        paid: &PaidOut,
        transaction: &ObjectId,
    ) -> Result<Option<PaidLine>, LedgerError> {
        self.charge(1, 0);
        let mut lines = self.lines(book, paid).into_iter();
        Ok(lines.find(|line| line.transaction == *transaction))
    }
}

impl MemoryLedger {
    fn lines(&self, book: &Book, paid: &PaidOut) -> Vec<PaidLine> {
        let key = (paid.created, paid.payout.clone());
        let kept = self.with(book, |book| book.paid_out.get(&key).cloned());
        kept.map(|(_, lines)| lines).unwrap_or_default()
    }
}
