//! Connections by TLS: the server's certificate is always verified, with its name.

use std::path::Path;
use std::process::Command;

use scim_postgres::{OpenError, PostgresOptions, PostgresStore};
use scim_sql::sample::{expected, fill};
use scim_testkit::postgres::Cluster;
use tempfile::TempDir;

use crate::place::options;

/// A certificate of the test's own that stands for itself, and its key.
struct Certificate(TempDir);

impl Certificate {
    fn of(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut openssl = Command::new("openssl");
        openssl.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '));
        openssl.args(["-subj", "/CN=scim", "-addext", &format!("subjectAltName={name}")]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        openssl.args(["-keyout", "key.pem", "-out", "certificate.pem"]).current_dir(folder.path());
        let output = openssl.output().expect("`cargo xtask setup` installs openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self(folder)
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("certificate.pem")
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.path().join(file)).expect("a file")
    }

    fn server(&self) -> Cluster {
        Cluster::with_tls(&self.text("certificate.pem"), &self.text("key.pem")).expect("a server")
    }
}

/// Who trusts that certificate.
fn trusting(file: &Path) -> PostgresOptions {
    options().with_root_certificates(file)
}

fn url(server: &Cluster, host: &str, mode: &str) -> String {
    format!("postgres://postgres@{host}:{}/postgres?sslmode={mode}", server.port())
}

/// Refused, and for what reason.
async fn refused(url: &str, options: &PostgresOptions) -> String {
    let error = PostgresStore::open(url, options).await.expect_err("a refusal");
    assert!(matches!(error, OpenError::Pool(_)), "{error:?}");
    format!("{error:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_certificate_is_spoken_to() {
    let certificate = Certificate::of("DNS:localhost,IP:127.0.0.1");
    let server = certificate.server();
    // Whoever does not speak TLS is refused by the server, too.
    server.allow("hostssl all all 127.0.0.1/32 trust").expect("rules");
    for (host, mode) in [("localhost", "require"), ("127.0.0.1", "require"), ("localhost", "prefer")] {
        let address = url(&server, host, mode);
        let store = PostgresStore::open(&address, &trusting(&certificate.file())).await.expect("a store");
        if mode == "require" && host == "localhost" {
            fill(&store).await;
        }
        assert_eq!(store.check(expected).await.expect("a check"), []);
        assert!(server.speaks_tls("postgres").expect("an answer"), "{host} {mode}");
    }
    let said = refused(&url(&server, "localhost", "disable"), &trusting(&certificate.file())).await;
    assert!(said.contains("no encryption"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_certificate_is() {
    let (certificate, other) = (Certificate::of("DNS:localhost"), Certificate::of("DNS:localhost"));
    let server = certificate.server();
    let trusts = trusting(&certificate.file());
    for (what, host, options, why) in [
        ("one that somebody else has", "localhost", trusting(&other.file()), "BadSignature"),
        ("one that the system does not know", "localhost", options(), "UnknownIssuer"),
        ("one of another name", "127.0.0.1", trusts, "NotValidForName"),
    ] {
        for mode in ["require", "prefer"] {
            let said = refused(&url(&server, host, mode), &options).await;
            assert!(said.contains(why), "{what}, {mode}: {said}");
        }
    }
    let (address, nobody) = (url(&server, "localhost", "require"), trusting(Path::new("/nowhere")));
    let missing = PostgresStore::open(&address, &nobody).await;
    assert!(matches!(missing, Err(OpenError::Tls(_))), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_requires_tls_speaks_to_nobody_without() {
    let certificate = Certificate::of("DNS:localhost");
    let mut server = certificate.server();
    server.run(&["listen_addresses=127.0.0.1", "ssl=off"]).expect("a server");
    let trusts = trusting(&certificate.file());
    let said = refused(&url(&server, "localhost", "require"), &trusts).await;
    assert!(said.contains("server does not support TLS"), "{said}");
    PostgresStore::open(&url(&server, "localhost", "prefer"), &trusts).await.expect("a store without TLS");
}
