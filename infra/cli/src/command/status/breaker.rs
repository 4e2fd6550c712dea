//! Whether Stripe may be called: the circuits and the pace that all instances share.

use futures_util::future::try_join_all;
use tributary_aws::ControlTable;
use tributary_pacing::{Circuit, ControlStore, Pace, Stored};

use crate::context::{Context, now};
use crate::failure::Failure;
use crate::render::{Cell, Report, Table};

/// What the control table says.
#[derive(Debug)]
pub(super) struct Breaker {
    /// Circuits that let no call pass.
    pub(super) open: usize,
    pace_per_mille: u16,
    paused_until: Option<i64>,
    circuits: Table,
}

impl Breaker {
    pub(super) fn into_report(self, report: Report) -> Report {
        report
            .record("stripe")
            .field("pace_per_mille", i64::from(self.pace_per_mille))
            .field(
                "paused_until",
                self.paused_until.map_or(Cell::Nothing, Cell::Time),
            )
            .field("open_circuits", self.open)
            .done()
            .table("open_circuits", self.circuits)
    }
}

pub(super) async fn look(context: &Context) -> Result<Breaker, Failure> {
    let table = context.output("ControlTableName").await?;
    let control = ControlTable::new(context.aws().await?, table.to_owned());
    let control = &control;
    let families = tributary_stripe::client::families();
    let circuits = families.iter().map(|family| async move {
        let key = format!("stripe#circuit#{family}");
        let stored = load(control, &key).await?;
        Ok::<_, Failure>((family, stored.and_then(|stored| read::<Circuit>(&stored))))
    });
    let mut table = Table::new(&["family", "state", "next_probe_at", "openings"]);
    let mut open = 0;
    for (family, circuit) in try_join_all(circuits).await? {
        let (state, at_ms, openings) = match circuit {
            None | Some(Circuit::Closed { .. }) => continue,
            Some(Circuit::Open { until_ms, openings }) => ("open", until_ms, openings),
            Some(Circuit::HalfOpen {
                lease_until_ms,
                openings,
                ..
            }) => ("half_open", lease_until_ms, openings),
        };
        open += 1;
        table.row([
            family.as_str().into(),
            state.into(),
            Cell::Time(at_ms.div_euclid(1_000)),
            i64::from(openings).into(),
        ]);
    }
    let pace = load(control, "stripe#pace").await?;
    let pace: Pace = pace.and_then(|stored| read(&stored)).unwrap_or_default();
    let now_ms = now().saturating_mul(1_000);
    let paused_until = pace.paused_until_ms();
    Ok(Breaker {
        open,
        pace_per_mille: pace.at(now_ms),
        paused_until: (paused_until > now_ms).then(|| paused_until.div_euclid(1_000)),
        circuits: table,
    })
}

async fn load(control: &ControlTable, key: &str) -> Result<Option<Stored>, Failure> {
    let loaded = control.load(key).await;
    loaded.map_err(|down| Failure::failed(down.to_string()))
}

/// A text of a later version says nothing here.
fn read<T: serde::de::DeserializeOwned>(stored: &Stored) -> Option<T> {
    serde_json::from_str(&stored.text).ok()
}
