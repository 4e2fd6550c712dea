//! The bench's endpoint is a TLS server that the real function trusts: one start of
//! the debug binary, one request of every kind.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use tributary_bench::function::Site;
use tributary_bench::peers::endpoint::Endpoint;
use tributary_bench::peers::exam;
use tributary_bench::peers::installed::{OURS, Tools, peers};
use tributary_bench::peers::sample::Sample;

/// Where cargo leaves the binaries of the profile that this test was built in.
fn binaries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_path_buf()
}

fn site(name: &str) -> Site {
    let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&logs).unwrap();
    Site {
        binaries: binaries(),
        logs,
        aws_url: String::new(),
    }
}

#[tokio::test]
async fn ours_queues_over_tls_what_is_genuine_and_nothing_else() {
    let site = site("over-tls");
    let endpoint = Endpoint::start(&site.logs).await.unwrap();
    let nowhere = Tools(PathBuf::from("/nonexistent"));
    let (peers, absent) = peers(&site, &nowhere, &endpoint).unwrap();
    assert_eq!(peers.len(), 1);
    assert_eq!(absent.len(), 3, "{absent:?}");
    let ours = peers.first().unwrap();
    assert_eq!(ours.name, OURS);

    let sample = Sample::new().unwrap();
    let marks = exam::sit(&ours.program, &sample, &endpoint).await.unwrap();
    let queued: Vec<&str> = marks.queued().collect();
    assert_eq!(
        queued,
        [
            "base64",
            "beyond ASCII",
            "charge",
            "of the platform, compact",
            "test mode"
        ]
    );
}

#[tokio::test]
async fn who_trusts_another_authority_gets_nothing() {
    let site = site("untrusted");
    let other = site_of_another(&site);
    let endpoint = Endpoint::start(&site.logs).await.unwrap();
    let stranger = Endpoint::start(&other.logs).await.unwrap();
    let (mut peers, _) = peers(&site, &Tools(PathBuf::new()), &endpoint).unwrap();
    let ours = peers.first_mut().unwrap();
    let elsewhere = stranger.authority().display().to_string();
    let settings = &mut ours.program.settings;
    settings.push(("SSL_CERT_FILE".to_owned(), elsewhere));
    let sample = Sample::new().unwrap();
    let marks = exam::sit(&ours.program, &sample, &endpoint).await.unwrap();
    assert_eq!(marks.queued().count(), 0);
}

fn site_of_another(site: &Site) -> Site {
    let logs = site.logs.join("another");
    std::fs::create_dir_all(&logs).unwrap();
    Site {
        binaries: site.binaries.clone(),
        logs,
        aws_url: String::new(),
    }
}
