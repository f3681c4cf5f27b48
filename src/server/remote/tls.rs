//! The certificate that the remote speaks TLS with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, ServerConfig};

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no such file.
    #[error("{path} holds no {what}: it should be a PEM file with -----BEGIN {begins}-----")]
    Not {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// How that begins.
        begins: &'static str,
    },
    /// They do not belong together.
    #[error("the key in {key} is not that of the certificate in {certificates}")]
    Mismatch {
        /// The certificate's file.
        certificates: PathBuf,
        /// The key's.
        key: PathBuf,
    },
    /// They cannot be used.
    #[error("the certificate in {certificates} cannot be used: {error}")]
    Unfit {
        /// The certificate's file.
        certificates: PathBuf,
        /// Why.
        error: Error,
    },
}

/// What speaks TLS with the certificate in one PEM file and the key in another. Version 1.3 alone: every phone of these years has it.
///
/// # Errors
/// [`TlsError`] when one cannot be read, or they do not belong together.
pub fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&read(certificates)?).collect::<Result<_, _>>().unwrap_or_default();
    if chain.is_empty() {
        let path = certificates.to_owned();
        return Err(TlsError::Not { path, what: "certificate", begins: "CERTIFICATE" });
    }
    let no_key = |_: PemError| TlsError::Not { path: key.to_owned(), what: "key", begins: "PRIVATE KEY" };
    let secret = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(no_key)?;
    let unfit = |error| match error {
        Error::InconsistentKeys(_) => {
            TlsError::Mismatch { certificates: certificates.to_owned(), key: key.to_owned() }
        }
        error => TlsError::Unfit { certificates: certificates.to_owned(), error },
    };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(unfit)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error })
}
