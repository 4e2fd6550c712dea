//! The flows of a platform: USD 100.00 by card, Stripe's fee 3.20, the platform's
//! fee 10.00, on the platform's book and on the connected account's.

use tributary_ledger::Says;
use tributary_ledger::fact::TopupFact;

use crate::moves::{
    charge, disputed, earning, earning_refund, payment, payment_refund, refund, refund_failure,
    reversal, transfer, withdrawal,
};
use crate::sample::{Ledger, Movement, dispute, movement, payout};

/// Both books of one story.
pub(crate) struct Scene {
    pub(crate) platform: Ledger,
    pub(crate) connected: Ledger,
}

impl Scene {
    fn new() -> Self {
        Self {
            platform: Ledger::platform(),
            connected: Ledger::connected(),
        }
    }

    fn on_platform(mut self, movement: Movement) -> Self {
        self.platform.post(movement);
        self
    }

    fn on_connected(mut self, movement: Movement) -> Self {
        self.connected.post(movement);
        self
    }

    fn disputed(mut self, status: &str) -> Self {
        self.platform.tell("dp_1", dispute(status));
        self
    }

    fn paid_out(mut self, status: &str) -> Self {
        self.platform.tell("po_1", Says::Payout(payout(status)));
        self
    }

    fn topped_up(mut self, status: &str) -> Self {
        let status = status.to_owned();
        self.platform
            .tell("tu_1", Says::Topup(TopupFact { status }));
        self
    }
}

pub(crate) fn direct() -> Scene {
    let sale = charge(10_000)
        .fee("stripe_fee", 320)
        .fee("application_fee", 1_000);
    Scene::new().on_platform(earning(1_000)).on_connected(sale)
}

pub(crate) fn direct_with_fees_on_the_platform() -> Scene {
    let sale = charge(10_000).fee("application_fee", 1_000);
    Scene::new()
        .on_platform(earning(1_000))
        .on_platform(movement("stripe_fee", "fee", -320))
        .on_connected(sale)
}

pub(crate) fn destination() -> Scene {
    destination_in("usd")
}

/// On behalf of an account, a payment settles in that account's currency.
pub(crate) fn destination_on_behalf_of() -> Scene {
    destination_in("eur")
}

fn destination_in(currency: &str) -> Scene {
    let received = payment("py_1", 10_000).currency(currency);
    Scene::new()
        .on_platform(charge(10_000).currency(currency).fee("stripe_fee", 320))
        .on_platform(transfer("tr_1", 10_000).currency(currency))
        .on_platform(earning(1_000).currency(currency))
        .on_connected(received.fee("application_fee", 1_000))
}

pub(crate) fn destination_of_a_part() -> Scene {
    Scene::new()
        .on_platform(charge(10_000).fee("stripe_fee", 320))
        .on_platform(transfer("tr_1", 9_000))
        .on_connected(payment("py_1", 9_000))
}

pub(crate) fn separate_transfers() -> Scene {
    Scene::new()
        .on_platform(charge(10_000).fee("stripe_fee", 320))
        .on_platform(transfer("tr_1", 7_000))
        .on_platform(transfer("tr_2", 2_000))
        .on_connected(payment("py_1", 7_000))
        .on_connected(payment("py_2", 2_000))
}

/// Transfers that no charge funds: they are tied to it by a group only.
pub(crate) fn unlinked_transfers() -> Scene {
    let alone = |name| movement("transfer", "transfer", -4_500).from("transfer", name);
    Scene::new()
        .on_platform(charge(10_000).fee("stripe_fee", 320))
        .on_platform(alone("tr_1"))
        .on_platform(alone("tr_2"))
        .on_connected(payment("py_1", 4_500))
        .on_connected(payment("py_2", 4_500))
}

pub(crate) fn direct_refunded() -> Scene {
    direct().on_connected(refund("re_1", 10_000))
}

pub(crate) fn direct_refunded_with_fee() -> Scene {
    direct()
        .on_platform(earning_refund("fr_1", 1_000))
        .on_connected(refund("re_1", 10_000).fee("application_fee", -1_000))
}

/// A quarter of the payment goes back, and a quarter of the fee with it.
pub(crate) fn direct_refunded_in_part_with_fee() -> Scene {
    direct()
        .on_platform(earning_refund("fr_1", 250))
        .on_connected(refund("re_1", 2_500).fee("application_fee", -250))
}

pub(crate) fn destination_refunded() -> Scene {
    destination().on_platform(refund("re_1", 10_000))
}

pub(crate) fn destination_refunded_and_reversed() -> Scene {
    destination_refunded()
        .on_platform(reversal("trr_1", 10_000))
        .on_connected(payment_refund("pyr_1", 10_000))
}

pub(crate) fn destination_refunded_with_everything() -> Scene {
    destination_refunded()
        .on_platform(reversal("trr_1", 10_000))
        .on_platform(earning_refund("fr_1", 1_000))
        .on_connected(payment_refund("pyr_1", 10_000).fee("application_fee", -1_000))
}

/// 8.00 of 10.00 were passed on; 4.00 and 6.00 go back, a share of the transfer with each.
pub(crate) fn partial_refunds_reversed_in_proportion() -> Scene {
    Scene::new()
        .on_platform(charge(1_000))
        .on_platform(transfer("tr_1", 800))
        .on_connected(payment("py_1", 800))
        .on_platform(refund("re_1", 400))
        .on_platform(reversal("trr_1", 320))
        .on_connected(payment_refund("pyr_1", 320))
        .on_platform(refund("re_2", 600))
        .on_platform(reversal("trr_2", 480))
        .on_connected(payment_refund("pyr_2", 480))
}

pub(crate) fn separate_transfers_refunded() -> Scene {
    separate_transfers().on_platform(refund("re_1", 10_000))
}

pub(crate) fn separate_transfers_refunded_and_reversed() -> Scene {
    separate_transfers_refunded()
        .on_platform(reversal("trr_1", 7_000))
        .on_connected(payment_refund("pyr_1", 7_000))
}

/// The bank sends the refund back: only the platform gets the money.
pub(crate) fn destination_refund_failed() -> Scene {
    destination_refunded_and_reversed().on_platform(refund_failure("re_1", 10_000))
}

/// The payer is refunded in a second try.
pub(crate) fn failed_refund_made_again() -> Scene {
    destination_refund_failed().on_platform(refund("re_2", 10_000))
}

/// The platform passes the money on again instead.
pub(crate) fn failed_refund_passed_on() -> Scene {
    destination_refund_failed()
        .on_platform(transfer("tr_2", 10_000))
        .on_connected(payment("py_2", 10_000))
}

pub(crate) fn direct_disputed() -> Scene {
    let mut scene = direct().on_connected(withdrawal(10_000, 1_500));
    scene.connected.tell("dp_1", dispute("needs_response"));
    scene
}

pub(crate) fn direct_dispute_lost() -> Scene {
    let mut scene = direct_disputed();
    scene.connected.tell("dp_1", dispute("lost"));
    scene
}

pub(crate) fn destination_disputed() -> Scene {
    destination()
        .on_platform(withdrawal(10_000, 1_500))
        .disputed("needs_response")
}

pub(crate) fn destination_dispute_lost() -> Scene {
    destination_disputed().disputed("lost")
}

pub(crate) fn destination_dispute_won() -> Scene {
    destination_disputed()
        .on_platform(disputed("dispute_reversal", 10_000))
        .disputed("won")
}

/// Accounts of old versions got the fee back with the money.
pub(crate) fn destination_dispute_won_with_fee() -> Scene {
    destination_disputed()
        .on_platform(disputed("dispute_reversal", 10_000).fee("stripe_fee", -1_500))
        .disputed("won")
}

pub(crate) fn destination_dispute_won_in_part() -> Scene {
    destination_disputed()
        .on_platform(disputed("dispute_reversal", 6_000))
        .disputed("won")
}

/// The platform calls the transfer back from the account to cover the loss.
pub(crate) fn destination_dispute_recovered() -> Scene {
    destination_dispute_lost()
        .on_platform(reversal("trr_1", 10_000))
        .on_connected(payment_refund("pyr_1", 10_000))
}

/// An inquiry moves nothing.
pub(crate) fn destination_inquiry() -> Scene {
    destination().disputed("warning_closed")
}

fn made() -> Scene {
    Scene::new()
        .on_platform(charge(10_000))
        .on_platform(movement("payout", "payout", -5_000).from("payout", "po_1"))
}

fn returned(kind: &str) -> Movement {
    movement(kind, "payout_reversal", 5_000).from("payout", "po_1")
}

pub(crate) fn payout_created() -> Scene {
    made().paid_out("pending")
}

pub(crate) fn payout_paid() -> Scene {
    payout_created().paid_out("paid")
}

pub(crate) fn payout_failed() -> Scene {
    payout_created()
        .on_platform(returned("payout_failure"))
        .paid_out("failed")
}

pub(crate) fn payout_failed_after_paid() -> Scene {
    payout_paid()
        .on_platform(returned("payout_failure"))
        .paid_out("failed")
}

pub(crate) fn payout_canceled() -> Scene {
    payout_created()
        .on_platform(returned("payout_cancel"))
        .paid_out("canceled")
}

/// The bank is debited for a payout that was paid, by a payout of its own.
pub(crate) fn payout_reversed() -> Scene {
    let mut scene =
        payout_paid().on_platform(movement("payout", "payout", 5_000).from("payout", "po_2"));
    let back = tributary_ledger::fact::PayoutFact {
        amount: -5_000,
        ..payout("paid")
    };
    scene.platform.tell("po_2", Says::Payout(back));
    scene
}

/// The platform earns a share of an instant payout, and Stripe advances the money.
pub(crate) fn payout_instant() -> Scene {
    let mut scene = Scene::new()
        .on_connected(charge(10_000))
        .on_connected(movement("advance", "advance", 5_000))
        .on_connected(movement("advance_funding", "advance_funding", -5_000))
        .on_connected(
            movement("payout", "payout", -5_000)
                .from("payout", "po_1")
                .fee("stripe_fee", 50)
                .fee("application_fee", 25),
        )
        .on_platform(earning(25));
    scene.connected.tell("po_1", Says::Payout(payout("paid")));
    scene
}

pub(crate) fn payout_converted() -> Scene {
    let mut scene = made();
    let paid = tributary_ledger::fact::PayoutFact {
        amount: 4_600,
        currency: "eur".to_owned(),
        ..payout("paid")
    };
    scene.platform.tell("po_1", Says::Payout(paid));
    scene
}

pub(crate) fn topup_pending() -> Scene {
    Scene::new()
        .on_platform(movement("topup", "topup", 5_000).from("topup", "tu_1"))
        .topped_up("pending")
}

pub(crate) fn topup_succeeded() -> Scene {
    topup_pending().topped_up("succeeded")
}

pub(crate) fn topup_reversed() -> Scene {
    topup_succeeded()
        .on_platform(movement("topup_reversal", "topup_reversal", -5_000).from("topup", "tu_1"))
        .topped_up("reversed")
}

/// The account owes, the platform keeps so much back, and pays after 180 days.
pub(crate) fn negative_balance() -> Scene {
    direct_refunded().on_platform(movement(
        "reserve_transaction",
        "connect_reserved_funds",
        -1_320,
    ))
}

pub(crate) fn negative_balance_improved() -> Scene {
    negative_balance()
        .on_platform(movement(
            "reserve_transaction",
            "connect_reserved_funds",
            1_320,
        ))
        .on_connected(movement("payment", "charge", 1_320).from("charge", "ch_2"))
}

pub(crate) fn negative_balance_collected() -> Scene {
    let collected = |amount| {
        let kind = "connect_collection_transfer";
        movement(kind, kind, amount).from("account", "acct_1")
    };
    negative_balance()
        .on_platform(collected(-1_320))
        .on_connected(collected(1_320))
        .on_platform(movement(
            "reserve_transaction",
            "connect_reserved_funds",
            1_320,
        ))
}

/// EUR 100.00 settled in dollars, refunded at another day's rate.
pub(crate) fn refunded_at_another_rate() -> Scene {
    Scene::new()
        .on_platform(charge(10_842).converted(10_000, "eur", "1.0842"))
        .on_platform(refund("re_1", 10_790).converted(10_000, "eur", "1.079"))
}

pub(crate) fn destination_refunded_at_another_rate() -> Scene {
    Scene::new()
        .on_platform(charge(10_842).converted(10_000, "eur", "1.0842"))
        .on_platform(transfer("tr_1", 9_000))
        .on_platform(refund("re_1", 10_900).converted(10_000, "eur", "1.09"))
}

pub(crate) fn dispute_won_at_another_rate() -> Scene {
    let euros = |movement: Movement, rate| movement.converted(10_000, "eur", rate);
    Scene::new()
        .on_platform(charge(10_842).converted(10_000, "eur", "1.0842"))
        .on_platform(euros(disputed("dispute", -10_900), "1.09"))
        .on_platform(euros(disputed("dispute_reversal", 10_790), "1.079"))
        .disputed("won")
}

pub(crate) fn dispute_won_in_part_at_another_rate() -> Scene {
    let euros = |movement: Movement, rate| movement.converted(10_000, "eur", rate);
    Scene::new()
        .on_platform(charge(10_842).converted(10_000, "eur", "1.0842"))
        .on_platform(euros(disputed("dispute", -10_900), "1.09"))
        .on_platform(euros(disputed("dispute_reversal", 6_474), "1.079"))
        .disputed("won")
}
