//! Small objects of Stripe's shape, rendered twice: as the canonical text that the
//! mirror is to hold, and in the order and with the white space that Stripe sends.
//! The canonical text is put together here, without the code that is under test.

use std::fmt::Write;

/// What stands in a field.
pub(crate) enum Slot {
    /// The same in every object; canonical JSON.
    Raw(&'static str),
    /// The object's id.
    Id,
    /// Whether it is live.
    Live,
    /// Its amount.
    Amount,
    /// How much of it is refunded or reversed: changes.
    Done,
    /// Its status: changes.
    Status,
    /// `metadata`, which counts the states: changes.
    Note,
    /// A list of one amount, which counts the states.
    Funds,
}

/// One kind of object.
pub(crate) struct Shape {
    /// Stripe's `object`.
    pub(crate) kind: &'static str,
    /// What the types of its events begin with.
    pub(crate) subject: &'static str,
    /// What the type of its first event ends with.
    pub(crate) born: &'static str,
    /// What its ids begin with; none for what an account has one of.
    pub(crate) prefix: &'static str,
    /// Whether it can be deleted.
    pub(crate) dies: bool,
    /// Whether its events are thin.
    pub(crate) thin: bool,
    /// Whether the API has a path for it.
    pub(crate) fetchable: bool,
    statuses: &'static [&'static str],
    /// By ascending name.
    fields: &'static [(&'static str, Slot)],
}

/// What of an object changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct State {
    pub(crate) note: u32,
    pub(crate) status: usize,
    pub(crate) done: u32,
}

/// What of an object never changes.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    pub(crate) id: String,
    pub(crate) live: bool,
    pub(crate) amount: i64,
    /// Something in the metadata that a queue may refuse to carry.
    pub(crate) mark: String,
}

const CREATED: Slot = Slot::Raw("1763000000");
const USD: Slot = Slot::Raw(r#""usd""#);

const NOTHING: Shape = Shape {
    kind: "",
    subject: "",
    born: "created",
    prefix: "",
    dies: false,
    thin: false,
    fetchable: true,
    statuses: &["new"],
    fields: &[],
};

/// All kinds; the frequent ones stand there more than once.
pub(crate) const SHAPES: [&Shape; 12] = [
    &CHARGE,
    &CHARGE,
    &PAYOUT,
    &PAYOUT,
    &TRANSFER,
    &REFUND,
    &CUSTOMER,
    &COUPON,
    &ACCOUNT,
    &BALANCE,
    &GADGET,
    &ACCOUNT_V2,
];

const CHARGE: Shape = Shape {
    kind: "charge",
    subject: "charge",
    born: "succeeded",
    prefix: "ch_",
    statuses: &["succeeded", "pending", "failed"],
    fields: &[
        ("amount", Slot::Amount),
        ("amount_captured", Slot::Amount),
        ("amount_refunded", Slot::Done),
        (
            "billing_details",
            Slot::Raw(r#"{"email":"canary@example.com","name":"canary bird"}"#),
        ),
        ("captured", Slot::Raw("true")),
        ("created", CREATED),
        ("currency", USD),
        ("id", Slot::Id),
        ("livemode", Slot::Live),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""charge""#)),
        ("paid", Slot::Raw("true")),
        (
            "payment_method_details",
            Slot::Raw(r#"{"card":{"network":"visa","number":"4000056655665556"},"type":"card"}"#),
        ),
        ("refunded", Slot::Raw("false")),
        ("status", Slot::Status),
    ],
    ..NOTHING
};

const PAYOUT: Shape = Shape {
    kind: "payout",
    subject: "payout",
    prefix: "po_",
    statuses: &["pending", "in_transit", "paid", "failed"],
    fields: &[
        ("amount", Slot::Amount),
        ("arrival_date", Slot::Raw("1763100000")),
        ("automatic", Slot::Raw("true")),
        ("created", CREATED),
        ("currency", USD),
        ("id", Slot::Id),
        ("livemode", Slot::Live),
        ("metadata", Slot::Note),
        ("method", Slot::Raw(r#""standard""#)),
        ("object", Slot::Raw(r#""payout""#)),
        ("status", Slot::Status),
        ("type", Slot::Raw(r#""bank_account""#)),
    ],
    ..NOTHING
};

const TRANSFER: Shape = Shape {
    kind: "transfer",
    subject: "transfer",
    prefix: "tr_",
    fields: &[
        ("amount", Slot::Amount),
        ("amount_reversed", Slot::Done),
        ("created", CREATED),
        ("currency", USD),
        ("destination", Slot::Raw(r#""acct_2""#)),
        ("id", Slot::Id),
        ("livemode", Slot::Live),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""transfer""#)),
        ("reversed", Slot::Raw("false")),
    ],
    ..NOTHING
};

const REFUND: Shape = Shape {
    kind: "refund",
    subject: "refund",
    prefix: "re_",
    statuses: &["pending", "succeeded", "failed"],
    fields: &[
        ("amount", Slot::Amount),
        ("charge", Slot::Raw(r#""ch_1""#)),
        ("created", CREATED),
        ("currency", USD),
        ("id", Slot::Id),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""refund""#)),
        ("status", Slot::Status),
    ],
    ..NOTHING
};

const CUSTOMER: Shape = Shape {
    kind: "customer",
    subject: "customer",
    prefix: "cus_",
    dies: true,
    fields: &[
        ("created", CREATED),
        ("email", Slot::Raw(r#""canary@example.com""#)),
        ("id", Slot::Id),
        ("livemode", Slot::Live),
        ("metadata", Slot::Note),
        ("name", Slot::Raw(r#""canary bird""#)),
        ("object", Slot::Raw(r#""customer""#)),
    ],
    ..NOTHING
};

/// Its id is chosen by a user, and may be used again after a deletion.
const COUPON: Shape = Shape {
    kind: "coupon",
    subject: "coupon",
    prefix: "SUMMER #25 ",
    dies: true,
    fields: &[
        ("amount_off", Slot::Raw("500")),
        ("created", CREATED),
        ("currency", USD),
        ("id", Slot::Id),
        ("livemode", Slot::Live),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""coupon""#)),
    ],
    ..NOTHING
};

const ACCOUNT: Shape = Shape {
    kind: "account",
    subject: "account",
    born: "updated",
    prefix: "acct_o",
    fields: &[
        ("charges_enabled", Slot::Raw("true")),
        ("country", Slot::Raw(r#""US""#)),
        ("created", CREATED),
        ("email", Slot::Raw(r#""canary@example.com""#)),
        ("id", Slot::Id),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""account""#)),
        ("payouts_enabled", Slot::Raw("true")),
        ("type", Slot::Raw(r#""express""#)),
    ],
    ..NOTHING
};

/// There is one for each account, without an id.
const BALANCE: Shape = Shape {
    kind: "balance",
    subject: "balance",
    born: "available",
    fields: &[
        ("available", Slot::Funds),
        ("livemode", Slot::Live),
        ("object", Slot::Raw(r#""balance""#)),
        ("pending", Slot::Raw("[]")),
    ],
    ..NOTHING
};

/// Nobody knows it.
const GADGET: Shape = Shape {
    kind: "gadget.widget",
    subject: "gadget.widget",
    prefix: "gad_",
    fetchable: false,
    fields: &[
        ("id", Slot::Id),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""gadget.widget""#)),
        ("owner", Slot::Raw(r#""canary bird""#)),
    ],
    ..NOTHING
};

/// Its events name it only.
const ACCOUNT_V2: Shape = Shape {
    kind: "v2.core.account",
    subject: "v2.core.account[configuration.merchant]",
    prefix: "acct_v",
    thin: true,
    fields: &[
        ("contact_email", Slot::Raw(r#""canary@example.com""#)),
        ("id", Slot::Id),
        ("livemode", Slot::Live),
        ("metadata", Slot::Note),
        ("object", Slot::Raw(r#""v2.core.account""#)),
    ],
    ..NOTHING
};

impl Shape {
    /// How many statuses it has.
    pub(crate) fn statuses(&self) -> usize {
        self.statuses.len()
    }

    /// Whether its events say what was before. Those of balances never do.
    pub(crate) fn remembers(&self) -> bool {
        self.has(|slot| matches!(slot, Slot::Note))
    }

    /// Whether it has an amount that decoding looks at.
    pub(crate) fn has_amount(&self) -> bool {
        self.has(|slot| matches!(slot, Slot::Amount))
    }

    fn has(&self, is: impl Fn(&Slot) -> bool) -> bool {
        self.fields.iter().any(|(_, slot)| is(slot))
    }

    /// The text that the mirror is to hold: ascending names, no white space.
    pub(crate) fn canonical(&self, fixed: &Fixed, state: State) -> String {
        let mut out = String::with_capacity(400);
        for (name, slot) in self.fields {
            open(&mut out, name);
            write_slot(slot, fixed, state, self.statuses, &mut out);
        }
        out.push('}');
        out
    }

    /// The text that Stripe sends: the id first, then in another order.
    pub(crate) fn wire(&self, fixed: &Fixed, state: State) -> String {
        let mut out = String::with_capacity(400);
        let (first, rest): (Vec<_>, Vec<_>) = self
            .fields
            .iter()
            .partition(|(name, _)| matches!(*name, "id" | "object"));
        for (name, slot) in first.into_iter().chain(rest.into_iter().rev()) {
            open(&mut out, name);
            out.push(' ');
            write_slot(slot, fixed, state, self.statuses, &mut out);
        }
        out.push_str("\n}");
        out
    }

    /// The previous values of what differs, canonical.
    pub(crate) fn previous(&self, fixed: &Fixed, before: State, after: State) -> String {
        let mut out = String::with_capacity(60);
        for (name, slot) in self.fields {
            let differs = match slot {
                Slot::Done => before.done != after.done,
                Slot::Status => before.status != after.status,
                Slot::Note => before.note != after.note,
                _ => false,
            };
            if differs {
                open(&mut out, name);
                write_slot(slot, fixed, before, self.statuses, &mut out);
            }
        }
        if out.is_empty() {
            out.push('{');
        }
        out.push('}');
        out
    }
}

fn open(out: &mut String, name: &str) {
    out.push(if out.is_empty() { '{' } else { ',' });
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

fn write_slot(slot: &Slot, fixed: &Fixed, state: State, statuses: &[&str], out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match slot {
        Slot::Raw(text) => out.write_str(text),
        Slot::Id => write!(out, "\"{}\"", fixed.id),
        Slot::Live => write!(out, "{}", fixed.live),
        Slot::Amount => write!(out, "{}", fixed.amount),
        Slot::Done => write!(out, "{}", state.done),
        Slot::Status => {
            let status = statuses.get(state.status).copied().unwrap_or("new");
            write!(out, "\"{status}\"")
        }
        Slot::Note => write!(out, "{{\"state\":\"{}{}\"}}", state.note, fixed.mark),
        Slot::Funds => write!(out, "[{{\"amount\":{},\"currency\":\"usd\"}}]", state.note),
    };
}
