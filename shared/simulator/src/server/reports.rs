//! The reports API: a run is asked for, works for a while, and leaves a file.

mod amounts;
mod columns;
mod kinds;
mod rows;

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    error::Refusal,
    filter::Range,
    page::Page,
    replay::{Body, Kept},
    request::Request,
};
use crate::{Fields, World};
use kinds::Kind;

/// Stripe brings reports up to date twice a day.
const UPDATED_EVERY_S: i64 = 12 * 3_600;
/// Seconds that a run says it took.
const TOOK_S: i64 = 60;
/// How long a file is kept.
const FILE_KEPT_S: i64 = 365 * 86_400;

/// A report as Stripe would write it: all lines of a type between two unix seconds, the second one
/// exclusive, in the default columns. `None` for an unknown type.
#[must_use]
pub fn report_csv(world: &World, report_type: &str, start: i64, end: i64) -> Option<String> {
    let kind = Kind::named(report_type)?;
    let asked = kinds::Asked::whole(kind, start, end);
    Some(rows::render(world, kind, &asked))
}

/// The runs of one server, by their number.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<Run>);

/// A run. Its rows are those that existed when it was asked for.
#[derive(Debug)]
struct Run {
    parameters: Value,
    kind: &'static str,
    created: i64,
    /// Times it still answers `pending`.
    pending: u32,
    csv: String,
}

impl Reports {
    /// Answers a GET below `/v1/reporting` or `/v1/files`; `None` if it is none.
    pub(super) fn read(
        &mut self,
        request: &Request,
        world: &World,
        request_id: &str,
    ) -> Option<Result<Kept, Refusal>> {
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        let kept = |body| Kept {
            status: StatusCode::OK,
            body,
            request_id: request_id.to_owned(),
        };
        let body = match path.as_slice() {
            ["v1", "reporting", "report_types"] => report_types(request, world).map(Body::Json),
            ["v1", "reporting", "report_types", id] => report_type(id, world).map(Body::Json),
            ["v1", "reporting", "report_runs"] => self.list(request, world).map(Body::Json),
            ["v1", "reporting", "report_runs", id] => {
                self.poll(id, &request.host, world).map(Body::Json)
            }
            ["v1", "files", id, "contents"] => self.contents(id).map(Body::Csv),
            _ => return None,
        };
        Some(body.map(kept))
    }

    /// Starts the run that a POST to `/v1/reporting/report_runs` asks for; it answers `pending`
    /// for `pending` readings before it is done.
    pub(super) fn create(
        &mut self,
        request: &Request,
        world: &World,
        pending: u32,
    ) -> Result<Value, Refusal> {
        request.params.only(&["report_type", "parameters"])?;
        let name = request.params.required("report_type")?;
        let kind = Kind::named(name)
            .ok_or_else(|| Refusal::missing("reporting.report_type", name, "report_type"))?;
        let asked = kinds::Asked::of(&request.params, kind, available_until(world))?;
        let csv = rows::render(world, kind, &asked);
        self.0.push(Run {
            parameters: asked.to_json(),
            kind: kind.name,
            created: world.now(),
            pending,
            csv,
        });
        let number = self.0.len();
        self.0
            .last()
            .map(|run| run.to_json(number, &request.host, world, true))
            .ok_or_else(Refusal::internal)
    }

    fn poll(&mut self, id: &str, host: &str, world: &World) -> Result<Value, Refusal> {
        let missing = || Refusal::missing("reporting.report_run", id, "id");
        let number = number(id, "frr_").ok_or_else(missing)?;
        let run = self.0.get_mut(number - 1).ok_or_else(missing)?;
        let pending = run.pending > 0;
        run.pending = run.pending.saturating_sub(1);
        Ok(run.to_json(number, host, world, pending))
    }

    /// The runs, newest first. To be listed is to be read: those that are pending come nearer
    /// to their end by it.
    fn list(&mut self, request: &Request, world: &World) -> Result<Value, Refusal> {
        let own = ["created", "expand"];
        request.params.only(&[&Page::PARAMS[..], &own].concat())?;
        let page = Page::of(&request.params)?;
        let created = Range::of(&request.params, "created")?;
        let runs = self.0.iter().enumerate().rev();
        let runs: Vec<Value> = runs
            .filter(|(_, run)| created.has(run.created))
            .map(|(index, run)| run.to_json(index + 1, &request.host, world, run.pending > 0))
            .collect();
        let cut = page.cut(runs.iter(), |_| true)?;
        for run in &cut.data {
            let number = number(run.text("id"), "frr_").unwrap_or_default();
            if let Some(run) = number.checked_sub(1).and_then(|at| self.0.get_mut(at)) {
                run.pending = run.pending.saturating_sub(1);
            }
        }
        Ok(cut.list(&request.url()))
    }

    fn contents(&self, id: &str) -> Result<String, Refusal> {
        let missing = || Refusal::missing("file", id, "file");
        let number = number(id, "file_").ok_or_else(missing)?;
        let run = self.0.get(number - 1).filter(|run| run.pending == 0);
        run.map(|run| run.csv.clone()).ok_or_else(missing)
    }
}

impl Run {
    fn to_json(&self, number: usize, host: &str, world: &World, pending: bool) -> Value {
        let (status, done) = if pending {
            ("pending", Value::Null)
        } else {
            ("succeeded", json!(self.created + TOOK_S))
        };
        let file = || {
            let (id, created) = (format!("file_{number:014}"), self.created + TOOK_S);
            json!({
                "id": id, "object": "file", "created": created,
                "expires_at": created + FILE_KEPT_S, "filename": format!("frr_{number:014}.csv"),
                "links": { "object": "list", "data": [], "has_more": false, "url": "/v1/file_links" },
                "purpose": "finance_report_run", "size": self.csv.len(), "title": null,
                "type": "csv", "url": format!("http://{host}/v1/files/{id}/contents"),
            })
        };
        json!({
            "id": format!("frr_{number:014}"), "object": "reporting.report_run",
            "created": self.created, "error": null, "livemode": world.config().livemode,
            "parameters": self.parameters, "report_type": self.kind,
            "result": if pending { Value::Null } else { file() },
            "status": status, "succeeded_at": done,
        })
    }
}

fn number(id: &str, prefix: &str) -> Option<usize> {
    let number = id.strip_prefix(prefix)?.parse().ok()?;
    (number > 0).then_some(number)
}

/// The end of what reports cover: the last update, in unix seconds.
fn available_until(world: &World) -> i64 {
    world.now().div_euclid(UPDATED_EVERY_S) * UPDATED_EVERY_S
}

/// All types at once: this list has no pages.
fn report_types(request: &Request, world: &World) -> Result<Value, Refusal> {
    request.params.only(&["expand"])?;
    let types: Vec<Value> = Kind::all().map(|kind| type_json(kind, world)).collect();
    Ok(json!({ "object": "list", "url": request.url(), "has_more": false, "data": types }))
}

fn report_type(id: &str, world: &World) -> Result<Value, Refusal> {
    let kind = Kind::named(id);
    let kind = kind.ok_or_else(|| Refusal::missing("reporting.report_type", id, "id"))?;
    Ok(type_json(kind, world))
}

fn type_json(kind: Kind, world: &World) -> Value {
    let until = available_until(world);
    json!({
        "id": kind.name, "object": "reporting.report_type",
        "data_available_end": until, "data_available_start": kinds::AVAILABLE_FROM,
        "default_columns": kind.default_columns(), "livemode": world.config().livemode,
        "name": kind.title, "updated": until, "version": kind.version(),
    })
}
