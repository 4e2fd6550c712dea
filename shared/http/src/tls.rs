//! Whom to believe.

use std::sync::LazyLock;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// Reading some hundred certificates takes milliseconds: once for all clients, which
/// share their sessions too.
static CONFIG: LazyLock<ClientConfig> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    // One that cannot be read vouches for nobody: without any, no connection stands.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    // Fails only if the process has chosen its cryptography already.
    let _ = ring::default_provider().install_default();
    ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth()
});

pub(crate) fn config() -> ClientConfig {
    CONFIG.clone()
}
