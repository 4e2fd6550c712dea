//! The figures as pictures.

use super::ingest::{Figures, IngestReport};
use super::sync::run::SyncReport;
use tributary_chart::{Bar, Bars};

/// The pictures, each with the name of its file.
pub fn pictures(ingest: &IngestReport, sync: &SyncReport) -> Vec<(&'static str, String)> {
    let one = |title: &str, of: fn(&Figures) -> f64| {
        let row = |peer: &Figures| Bar {
            name: peer.name.to_owned(),
            values: vec![of(peer)],
        };
        let bars = Bars {
            title: title.to_owned(),
            series: vec![String::new()],
            rows: ingest.peers.iter().map(row).collect(),
            stacked: false,
        };
        bars.to_svg()
    };
    vec![
        (
            "side_by_side_start.svg",
            one("Ingest: from the spawn to the first answer, ms", |peer| {
                peer.cold.answered_ms.median
            }),
        ),
        (
            "side_by_side_memory.svg",
            one("Ingest: the most memory held, MiB", |peer| {
                peer.warm.memory_mib
            }),
        ),
        (
            "side_by_side_cpu.svg",
            one("Ingest: CPU time for an event, ms", |peer| {
                peer.warm.cpu_ms.median
            }),
        ),
        ("side_by_side_objects.svg", objects(sync)),
    ]
}

fn objects(sync: &SyncReport) -> String {
    let row = |engine: &super::sync::run::Figures| {
        let (objects, right, _) = engine.totals();
        Bar {
            name: engine.name.clone(),
            values: vec![right as f64, (objects - right) as f64],
        }
    };
    let bars = Bars {
        title: "Webhook to applied: objects in the end".to_owned(),
        series: vec!["as in Stripe".to_owned(), "different".to_owned()],
        rows: sync.engines.iter().map(row).collect(),
        stacked: true,
    };
    bars.to_svg()
}
