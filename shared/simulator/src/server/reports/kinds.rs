//! Which reports there are, and what may be asked of them.

use serde_json::{Value, json};

use super::super::{error::Refusal, filter::Range, params::Params};
use super::columns;

/// 2018-01-01: before every world.
pub(super) const AVAILABLE_FROM: i64 = 1_514_764_800;

/// A type of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// About all connected accounts instead of the platform.
    pub(super) connected: bool,
    pub(super) about: About,
}

/// What a type of report has a line for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Everything that moved the balance but payouts, when it did.
    Activity,
    /// Payouts, when they take effect.
    Payouts,
    /// What automatic payouts paid out, when they take effect.
    PaidOut,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "balance_change_from_activity.itemized.3",
        title: "Itemized balance change from activity",
        connected: false,
        about: About::Activity,
    },
    Kind {
        name: "payouts.itemized.3",
        title: "Itemized payouts",
        connected: false,
        about: About::Payouts,
    },
    Kind {
        name: "connected_account_balance_change_from_activity.itemized.3",
        title: "Connected account itemized balance change from activity",
        connected: true,
        about: About::Activity,
    },
    Kind {
        name: "connected_account_payouts.itemized.3",
        title: "Connected account itemized payouts",
        connected: true,
        about: About::Payouts,
    },
    Kind {
        name: "payout_reconciliation.itemized.5",
        title: "Itemized payout reconciliation",
        connected: false,
        about: About::PaidOut,
    },
    Kind {
        name: "connected_account_payout_reconciliation.itemized.5",
        title: "Connected account itemized payout reconciliation",
        connected: true,
        about: About::PaidOut,
    },
];

impl Kind {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        KINDS.into_iter()
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.name == name)
    }

    /// The number that its name ends with.
    pub(super) fn version(self) -> u32 {
        let number = self.name.rsplit('.').next();
        number.and_then(|it| it.parse().ok()).unwrap_or_default()
    }

    /// What a report shows that is not told otherwise.
    pub(super) fn default_columns(self) -> Vec<&'static str> {
        let own = match self.about {
            About::Payouts => &columns::PAYOUT_DEFAULT[..],
            About::Activity | About::PaidOut => &columns::ACTIVITY_DEFAULT[..],
        };
        let account = self.connected.then_some("connected_account");
        own.iter().copied().chain(account).collect()
    }
}

/// What a run is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// First second, inclusive.
    pub(super) start: i64,
    /// Last second, exclusive.
    pub(super) end: i64,
    pub(super) columns: Vec<String>,
    pub(super) connected_account: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) reporting_category: Option<String>,
}

impl Asked {
    /// Everything of an interval, in the default columns.
    pub(super) fn whole(kind: Kind, start: i64, end: i64) -> Self {
        let columns = kind.default_columns().into_iter();
        Self {
            start,
            end,
            columns: columns.map(str::to_owned).collect(),
            connected_account: None,
            currency: None,
            reporting_category: None,
        }
    }

    /// Reads the parameters of a run of `kind` and checks them against what is `available`.
    pub(super) fn of(params: &Params, kind: Kind, available: i64) -> Result<Self, Refusal> {
        let name = |name: &str| format!("parameters[{name}]");
        let second = |param: &str| {
            let found = params.integer(&name(param))?;
            found.ok_or_else(|| Refusal::missing_parameter(&name(param)))
        };
        let (start, end) = (second("interval_start")?, second("interval_end")?);
        let covered = Range::between(AVAILABLE_FROM, available);
        if start >= end || !covered.has(start) || !covered.has(end) {
            let message = format!(
                "The interval must lie between {AVAILABLE_FROM} and {available}, and not be empty."
            );
            return Err(Refusal::invalid("parameters[interval_end]", message));
        }
        if let Some(zone) = params.get(&name("timezone"))
            && !["Etc/UTC", "UTC"].contains(&zone)
        {
            let message = format!("This report is made in UTC only, not {zone}.");
            return Err(Refusal::invalid("parameters[timezone]", message));
        }
        let mut columns: Vec<String> = params.all(&name("columns")).map(str::to_owned).collect();
        if let Some(unknown) = columns.iter().find(|column| !columns::known(kind, column)) {
            let message = format!("Unknown column: {unknown}");
            return Err(Refusal::invalid("parameters[columns]", message));
        }
        if columns.is_empty() {
            columns = kind
                .default_columns()
                .into_iter()
                .map(str::to_owned)
                .collect();
        }
        let text = |param: &str| params.get(&name(param)).map(str::to_owned);
        Ok(Self {
            start,
            end,
            columns,
            connected_account: text("connected_account").filter(|_| kind.connected),
            currency: text("currency"),
            reporting_category: text("reporting_category"),
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = json!({
            "columns": self.columns, "interval_end": self.end, "interval_start": self.start,
            "timezone": "Etc/UTC",
        });
        let optional = [
            ("connected_account", &self.connected_account),
            ("currency", &self.currency),
            ("reporting_category", &self.reporting_category),
        ];
        for (name, value) in optional {
            if let (Some(object), Some(value)) = (json.as_object_mut(), value) {
                object.insert(name.to_owned(), json!(value));
            }
        }
        json
    }
}
