//! Reports: asked for, written by Stripe within minutes, read as a stream.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::stream::{Stream, try_unfold};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tributary_domain::change::Unreadable;
use tributary_domain::{Document, ObjectId, Owner};

use super::page::Query;
use super::{FetchError, Page, StripeClient, answer};
use crate::json;
use crate::normalize::fields::Fields;

/// Which report, and over which time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Such as `connected_account_balance_change_from_activity.itemized.3`.
    pub kind: String,
    /// The first second, unix time.
    pub interval_start: i64,
    /// The first second that is no longer in it.
    pub interval_end: i64,
    /// The columns, in order; Stripe's choice if empty.
    pub columns: Vec<String>,
    /// How often this very report was asked for before. Asked for again under the same
    /// number, within a day, Stripe names the run that there is.
    pub attempt: u32,
}

/// How far a report is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportStatus {
    /// Stripe is writing it.
    Pending,
    /// It can be read from this file.
    Succeeded {
        /// `file_…`.
        file: ObjectId,
        /// Its size in bytes, if Stripe says.
        bytes: Option<i64>,
    },
    /// There will be none.
    Failed,
    /// A status of tomorrow.
    Other(String),
}

/// A report being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRun {
    /// `frr_…`.
    pub id: ObjectId,
    /// How far it is.
    pub status: ReportStatus,
    /// All that Stripe said.
    pub whole: Document,
}

impl Report {
    fn form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("report_type", &self.kind)
            .append_pair(
                "parameters[interval_start]",
                &self.interval_start.to_string(),
            )
            .append_pair("parameters[interval_end]", &self.interval_end.to_string());
        for column in &self.columns {
            form.append_pair("parameters[columns][]", column);
        }
        form.finish()
    }

    /// The same for the same report, whoever asks for it and however often.
    fn idempotency_key(&self, form: &str) -> String {
        let hash = Sha256::digest(format!("{}#{form}", self.attempt));
        format!("tributary-report-{}", hex::encode(hash))
    }
}

impl ReportRun {
    fn read(text: &str) -> Result<Self, FetchError> {
        let invalid = || FetchError::Invalid("the answer is not a report run");
        let value = json::tree(text).map_err(|_| invalid())?;
        let o = Fields::of(&value);
        let id = o.need_text("id").map_err(|_| invalid())?;
        Ok(Self {
            id: ObjectId::parse(&id).map_err(|_| invalid())?,
            status: status(o).ok_or_else(invalid)?,
            whole: Document::from_value(&value).map_err(|_| invalid())?,
        })
    }
}

fn status(o: Fields<'_>) -> Option<ReportStatus> {
    let status = o.text("status").ok()??;
    Some(match status.as_str() {
        "pending" => ReportStatus::Pending,
        "failed" => ReportStatus::Failed,
        "succeeded" => {
            let file = o.id("result").ok()??;
            ReportStatus::Succeeded {
                file: ObjectId::parse(&file).ok()?,
                bytes: o
                    .child("result")
                    .ok()
                    .and_then(|file| file.int("size").ok()?),
            }
        }
        _ => ReportStatus::Other(status),
    })
}

/// Where files are read: beside the API. Never where an answer says, for the key
/// goes with the request.
pub(super) fn files_url(base_url: &str) -> String {
    base_url.replacen("https://api.stripe.com", "https://files.stripe.com", 1)
}

impl StripeClient {
    /// Until which second reports have data, unix time, by kind: all kinds in one call.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no list.
    pub async fn report_data_until(&self) -> Result<BTreeMap<String, i64>, FetchError> {
        // The only list of Stripe's without pages: it takes no limit.
        let path = "/v1/reporting/report_types";
        let fetched = self.get(path, &Owner::Platform).await?;
        let page = Page::read(&fetched, |text| {
            let value = json::tree(text).map_err(|_| Unreadable { field: "id" })?;
            let o = Fields::of(&value);
            Ok((o.need_text("id")?, o.need_int("data_available_end")?))
        })?;
        // A kind that cannot be read is one that has no data yet.
        Ok(page.items.into_iter().collect())
    }

    /// Asks for a report. Asking again names the same run: the request carries a key
    /// that is made of nothing but the report.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no report run.
    pub async fn request_report(&self, report: &Report) -> Result<ReportRun, FetchError> {
        let form = report.form();
        let key = report.idempotency_key(&form);
        let path = "/v1/reporting/report_runs";
        let mut call = self.call(Method::POST, &self.base_url, path, &Owner::Platform)?;
        let key = HeaderValue::from_str(&key)
            .map_err(|_| FetchError::Invalid("not an idempotency key"))?;
        let headers = call.request.headers_mut();
        headers.insert(HeaderName::from_static("idempotency-key"), key);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        *call.request.body_mut() = form.into();
        let receive = |request, time| self.receive(request, time);
        let fetched = self.until_answered(&call, receive).await?;
        ReportRun::read(&fetched.body)
    }

    /// Reads how far a report is.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no report run.
    pub async fn report_run(&self, id: &ObjectId) -> Result<ReportRun, FetchError> {
        let id: String = form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
        let path = format!("/v1/reporting/report_runs/{id}");
        let fetched = self.get(&path, &Owner::Platform).await?;
        ReportRun::read(&fetched.body)
    }

    /// Reads how far the newest hundred reports are, whoever has asked for them.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no list.
    pub async fn report_runs(&self) -> Result<Page<ReportRun>, FetchError> {
        let path = Query::new(None).path("/v1/reporting/report_runs");
        let fetched = self.get(&path, &Owner::Platform).await?;
        Page::read(&fetched, |text| {
            ReportRun::read(text).map_err(|_| Unreadable { field: "status" })
        })
    }

    /// Reads a file as it comes: reports are larger than memory. No part of it may be
    /// longer on its way than the client's deadline.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`], before the first part; the stream ends with
    /// `Transient` when the connection breaks in the middle.
    pub async fn file(
        &self,
        id: &ObjectId,
    ) -> Result<impl Stream<Item = Result<Bytes, FetchError>> + use<>, FetchError> {
        let id: String = form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
        let path = format!("/v1/files/{id}/contents");
        let call = self.call(Method::GET, &self.files_url, &path, &Owner::Platform)?;
        let open = |request, time| self.open(request, time);
        let response = self.until_answered(&call, open).await?;
        let patience = self.deadline;
        Ok(try_unfold(response, move |mut response| async move {
            let failure = match timeout(patience, answer::part(&mut response)).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(part))) => return Ok(Some((part, response))),
                Ok(Some(Err(failure))) => failure.error,
                Err(_) => FetchError::Transient(answer::TOO_LATE.to_owned()),
            };
            Err(failure)
        }))
    }
}

#[cfg(test)]
mod tests;
