//! The figures for people.

use std::fmt::{Error, Formatter, Result};

use super::{Report, find, items};
use crate::count::{Stage, Tally};
use crate::price::Nano;
use crate::scenario::{Counted, Kind};

/// Kinds of items that are listed by name.
const KINDS_MAX: usize = 8;

pub(super) fn write(f: &mut Formatter<'_>, report: &Report) -> Result {
    let prices = &report.prices;
    writeln!(
        f,
        "  Dollars per million events, {}, {}, no free tier\n",
        prices.region, prices.as_of
    )?;
    write_stages(f, report)?;
    write_rest(f, report)?;
    write_troubles(f, report)?;
    write_requests(f, report)?;
    write_items(f, report)?;
    write_growth(f, report)
}

fn rule(f: &mut Formatter<'_>) -> Result {
    writeln!(f, "  {}", "─".repeat(76))
}

fn write_stages(f: &mut Formatter<'_>, report: &Report) -> Result {
    let line = |f: &mut Formatter<'_>, name: &str, figures: &mut dyn Iterator<Item = Nano>| {
        write!(f, "  {name:<20}")?;
        for figure in figures {
            write!(f, "{figure:>14}")?;
        }
        writeln!(f)
    };
    write!(f, "  {:<20}", "stage")?;
    for column in &report.columns {
        write!(f, "{:>14}", column.name)?;
    }
    writeln!(f)?;
    rule(f)?;
    let bills = || report.columns.iter().map(|column| &column.bill);
    let (before, behind): (Vec<_>, Vec<_>) = Stage::ALL
        .into_iter()
        .partition(|stage| stage.is_before_the_bus());
    for stage in before {
        line(f, stage.name(), &mut bills().map(|bill| bill.stage(stage)))?;
    }
    rule(f)?;
    line(
        f,
        "applied and durable",
        &mut bills().map(|bill| bill.applied()),
    )?;
    line(
        f,
        "by the webhook*",
        &mut report.columns.iter().map(|column| column.per_webhook),
    )?;
    for stage in behind {
        line(f, stage.name(), &mut bills().map(|bill| bill.stage(stage)))?;
    }
    rule(f)?;
    line(f, "with fan-out", &mut bills().map(|bill| bill.total()))?;
    line(
        f,
        "assumed durations**",
        &mut bills().map(|bill| bill.assumed()),
    )?;
    writeln!(
        f,
        "  * \"Applied and durable\" for a million webhooks, not distinct events: with repeated ones.\n  \
         ** Their part of \"applied and durable\"; all else is counted."
    )
}

fn write_rest(f: &mut Formatter<'_>, report: &Report) -> Result {
    let (Some(load), Some(column)) = (find(&report.ours, Kind::Load), report.columns.first())
    else {
        return Ok(());
    };
    writeln!(
        f,
        "\n  Where it goes: ours with the HTTP API, full batches, for each event"
    )?;
    rule(f)?;
    let mut units: Vec<_> = column.bill.units.iter().collect();
    units.sort_by_key(|(_, amount)| std::cmp::Reverse(**amount));
    for ((stage, unit), amount) in units {
        let count = load.tally.counts.get(*stage, *unit);
        let each = thousandths(count, load.of);
        writeln!(
            f,
            "  {:<12}{:<26}{each:>16}{amount:>14}",
            stage.name(),
            unit.name()
        )?;
    }
    let keep = |name| {
        report
            .prices
            .kept_per_million(name, load.stored_bytes, load.of)
    };
    let (Ok(table), Ok(backup)) = (keep("table_byte_month"), keep("backup_byte_month")) else {
        return Err(Error);
    };
    let bytes = load.stored_bytes / load.of.max(1);
    writeln!(
        f,
        "  Kept of each event: {bytes} B in tables, ${table} a month for a million, and ${backup} for backups."
    )
}

/// A quotient with three decimals.
fn thousandths(count: u64, of: u64) -> String {
    let of = of.max(1);
    let each = (u128::from(count) * 1_000 + u128::from(of / 2)) / u128::from(of);
    format!("{}.{:03}", each / 1_000, each % 1_000)
}

fn write_troubles(f: &mut Formatter<'_>, report: &Report) -> Result {
    writeln!(f, "\n  Dollars per million of what is no new event")?;
    rule(f)?;
    let troubles = [
        (Kind::Duplicates, "duplicates"),
        (Kind::Poison, "poison, five tries"),
        (Kind::Malformed, "unusable, quarantined"),
        (Kind::Forged, "forged, refused"),
    ];
    for (kind, name) in troubles {
        write!(f, "  {name:<24}")?;
        for (whose, counted) in [("ours", &report.ours), ("conventional", &report.reference)] {
            let Some(one) = find(counted, kind) else {
                continue;
            };
            let bill = one.bill(&report.prices).map_err(|_| Error)?;
            write!(f, "  {whose} {:>8}", bill.applied())?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn write_requests(f: &mut Formatter<'_>, report: &Report) -> Result {
    let columns = [
        ("full batches", find(&report.ours, Kind::Load)),
        ("batches of 1", find(&report.ours, Kind::Low)),
        ("conventional", find(&report.reference, Kind::Low)),
    ];
    let columns: Vec<(&str, &Counted)> = columns
        .into_iter()
        .filter_map(|(name, one)| Some((name, one?)))
        .collect();
    writeln!(f, "\n  Requests for each event, and bytes of their bodies")?;
    rule(f)?;
    write!(f, "  {:<20}", "")?;
    for (name, _) in &columns {
        write!(f, "{name:>18}")?;
    }
    writeln!(f)?;
    let operations = columns
        .iter()
        .flat_map(|(_, one)| one.tally.requests.keys());
    let operations: std::collections::BTreeSet<&String> = operations.collect();
    for operation in operations {
        write!(f, "  {operation:<20}")?;
        for (_, one) in &columns {
            write!(f, "{:>18}", requests(&one.tally, operation, one.of))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn requests(tally: &Tally, operation: &str, of: u64) -> String {
    let Some(requests) = tally.requests.get(operation) else {
        return "–".to_owned();
    };
    let bytes = requests.bytes / of.max(1);
    format!("{} {bytes:>6} B", thousandths(requests.count, of))
}

fn write_items(f: &mut Formatter<'_>, report: &Report) -> Result {
    let Some(load) = find(&report.ours, Kind::Load) else {
        return Ok(());
    };
    writeln!(
        f,
        "\n  Items as they are written: size of the middle one, write units"
    )?;
    rule(f)?;
    let sizes = items::sizes(&load.tally.writes);
    for table in ["events", "mirror"] {
        let of_table = sizes.iter().filter(|one| one.table == table);
        for one in of_table.take(KINDS_MAX + 1) {
            writeln!(
                f,
                "  {:<8}{:<38}{:>5} × {:>5} B  median {}  p90 {}",
                one.table, one.kind, one.writes, one.bytes_median, one.units_median, one.units_p90
            )?;
        }
    }
    Ok(())
}

fn write_growth(f: &mut Formatter<'_>, report: &Report) -> Result {
    let Some(growth) = &report.growth else {
        return Ok(());
    };
    writeln!(f, "\n  Growth: requests and write units for each event")?;
    rule(f)?;
    for point in &growth.points {
        writeln!(
            f,
            "  {:>9} accounts  {:>8} requests  {:>8} write units  ({} events on {} accounts)",
            point.accounts,
            thousandths(point.requests, point.events),
            thousandths(point.write_units, point.events),
            point.events,
            point.touched,
        )?;
    }
    for (name, slope) in &growth.slopes {
        writeln!(
            f,
            "  log-log slope {:<22} {slope:>7.3}",
            name.replace('_', " ")
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_have_three_decimals() {
        assert_eq!(thousandths(1_100, 1_000), "1.100");
        assert_eq!(thousandths(1, 3), "0.333");
        assert_eq!(thousandths(2, 3), "0.667");
        assert_eq!(thousandths(5, 0), "5.000");
    }
}
