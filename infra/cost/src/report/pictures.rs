//! The figures as pictures.

use tributary_chart::{Bar, Bars};

use super::{Report, find};
use crate::count::Stage;
use crate::scenario::Kind;

/// File names and files.
pub(super) fn all(report: &Report) -> Vec<(&'static str, String)> {
    let mut pictures = vec![("cost-by-stage.svg", stages(report).to_svg())];
    pictures.push(("cost-of-trouble.svg", troubles(report).to_svg()));
    if let Some(growth) = &report.growth {
        pictures.push(("growth.svg", growth.chart().to_svg()));
    }
    pictures
}

fn stages(report: &Report) -> Bars {
    let used = |stage: &Stage| {
        let mut columns = report.columns.iter();
        columns.any(|column| column.bill.stage(*stage).0 >= 5_000_000)
    };
    let stages: Vec<Stage> = Stage::ALL.into_iter().filter(used).collect();
    let row = |name: &str, figure: &dyn Fn(Stage) -> f64| Bar {
        name: name.to_owned(),
        values: stages.iter().map(|stage| figure(*stage)).collect(),
    };
    let rows = report.columns.iter().map(|column| {
        row(column.name, &|stage| {
            column.bill.stage(stage).for_a_picture()
        })
    });
    Bars {
        title: "Dollars per million events".to_owned(),
        series: stages.iter().map(|stage| stage.name().to_owned()).collect(),
        rows: rows.collect(),
        stacked: true,
    }
}

fn troubles(report: &Report) -> Bars {
    let dollars = |counted, kind| {
        let bill = find(counted, kind).map(|one| one.bill(&report.prices));
        bill.and_then(Result::ok)
            .map(|bill| bill.applied().for_a_picture())
    };
    let kinds = [
        (Kind::Duplicates, "duplicates"),
        (Kind::Poison, "poison"),
        (Kind::Malformed, "unusable"),
        (Kind::Forged, "forged"),
    ];
    let pipelines = [("ours", &report.ours), ("conventional", &report.reference)];
    let pipelines = pipelines.iter().filter(|(_, counted)| !counted.is_empty());
    let pipelines: Vec<_> = pipelines.collect();
    let rows = kinds.into_iter().map(|(kind, name)| Bar {
        name: name.to_owned(),
        values: pipelines
            .iter()
            .filter_map(|(_, counted)| dollars(counted, kind))
            .collect(),
    });
    Bars {
        title: "Dollars per million of what is no new event".to_owned(),
        series: pipelines
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        rows: rows.collect(),
        stacked: false,
    }
}
