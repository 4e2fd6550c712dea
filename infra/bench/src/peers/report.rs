//! The figures of ingest in several languages, for people.

use std::fmt;

use super::ingest::{Figures, IngestReport};
use super::spread::Spread;

/// What is compared: its name and unit, and where it is among the figures.
struct Column {
    head: &'static str,
    unit: &'static str,
    digits: usize,
    of: fn(&Figures) -> Option<f64>,
}

const COLUMNS: [Column; 8] = [
    Column {
        head: "ready",
        unit: "ms",
        digits: 1,
        of: |f| Some(f.cold.ready_ms.median),
    },
    Column {
        head: "first answer",
        unit: "ms",
        digits: 1,
        of: |f| Some(f.cold.answered_ms.median),
    },
    Column {
        head: "start CPU",
        unit: "ms",
        digits: 1,
        of: |f| Some(f.cold.cpu_ms.median),
    },
    Column {
        head: "memory",
        unit: "MiB",
        digits: 1,
        of: |f| Some(f.warm.memory_mib),
    },
    Column {
        head: "p50",
        unit: "ms",
        digits: 2,
        of: |f| Some(f.warm.p50_ms),
    },
    Column {
        head: "p99",
        unit: "ms",
        digits: 2,
        of: |f| Some(f.warm.p99_ms),
    },
    Column {
        head: "CPU",
        unit: "ms",
        digits: 2,
        of: |f| Some(f.warm.cpu_ms.median),
    },
    Column {
        head: "instructions",
        unit: "M",
        digits: 2,
        of: |f| {
            let counted = f.instructions.as_ref().ok()?;
            Some(counted.per_event as f64 / 1e6)
        },
    },
];

/// How many times ours a peer's figure is; `None` if they do not do the same work, or
/// one of them was not measured.
fn ratio(column: &Column, ours: &Figures, peer: &Figures) -> Option<f64> {
    if !peer.differences.is_empty() {
        return None;
    }
    Some((column.of)(peer)? / (column.of)(ours)?)
}

impl fmt::Display for IngestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ours) = self.peers.first() else {
            return Ok(());
        };
        write_head(f)?;
        for peer in &self.peers {
            write!(f, "  {:<14}", peer.name)?;
            for column in &COLUMNS {
                let cell = (column.of)(peer).map_or("–".to_owned(), |figure| {
                    format!("{figure:.*} {}", column.digits, column.unit)
                });
                write!(f, "{cell:>13}")?;
            }
            writeln!(f)?;
        }
        writeln!(f, "\n  times ours")?;
        for peer in self.peers.iter().skip(1) {
            write_ratios(f, ours, peer)?;
        }
        for absent in &self.absent {
            writeln!(f, "  {:<14}  not measured: {}", absent.name, absent.why)?;
        }
        self.write_notes(f)
    }
}

fn write_head(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "  {:<14}", "ingest")?;
    for column in &COLUMNS {
        write!(f, "{:>13}", column.head)?;
    }
    writeln!(f, "\n  {}", "─".repeat(14 + 13 * COLUMNS.len()))
}

fn write_ratios(f: &mut fmt::Formatter<'_>, ours: &Figures, peer: &Figures) -> fmt::Result {
    write!(f, "  {:<14}", peer.name)?;
    if !peer.differences.is_empty() {
        writeln!(f, "  no ratio, for it does other work:")?;
        for difference in &peer.differences {
            writeln!(f, "      {difference}")?;
        }
        return Ok(());
    }
    for column in &COLUMNS {
        let cell = ratio(column, ours, peer).map_or("–".to_owned(), |r| format!("{r:.1} ×"));
        write!(f, "{cell:>13}")?;
    }
    writeln!(f)
}

impl IngestReport {
    fn write_notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.plan;
        writeln!(
            f,
            "\n  ready, first answer: medians of {} starts each, from the spawn. p50, p99: of {} events of {} bytes\n  each, {} a second on average, from the scheduled arrival to the answer. CPU, instructions: of an event.\n  memory: the most ever held.",
            plan.starts,
            plan.blocks * plan.block_events,
            self.event_bytes,
            plan.rate_per_s,
        )?;
        for peer in &self.peers {
            let cold = spread(&peer.cold.answered_ms);
            let p99 = spread(&peer.warm.p99_of_blocks_ms);
            writeln!(
                f,
                "  {:<14}  first answer {cold} ms, p99 of blocks {p99} ms. {}.",
                peer.name, peer.made_of
            )?;
            if let Err(why) = &peer.instructions {
                writeln!(f, "  {:<14}  instructions: {why}", "")?;
            }
        }
        Ok(())
    }
}

fn spread(spread: &Spread) -> String {
    format!("{:.1}–{:.1}", spread.min, spread.max)
}
