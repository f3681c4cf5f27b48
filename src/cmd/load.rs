//! `greenroom load`

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cli::{Format, Load};
use greenroom_measure::{Address, Ask, Client, Connections, TurnResult, own_cpu_us};
use greenroom_system::say;

/// How long answers under way at the end are waited for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks one server, and says how it answers.
///
/// # Errors
/// When the address is none, or nobody answers there.
pub fn run(options: &Load) -> anyhow::Result<ExitCode> {
    let (address, path) = target(&options.url)?;
    let client = Client::new()?;
    let first = client.once(&address, &path, DRAIN_TIMEOUT).with_context(|| options.url.clone())?;
    let again = client.once(&address, &path, DRAIN_TIMEOUT).with_context(|| options.url.clone())?;
    let body = first.is_like(&again).then(|| first.body.clone());
    let ask = Ask { address, path, status: first.status, body, contains: None };
    let mut connections = Connections::new(ask, options.connections);
    let length = Duration::from_secs_f64(options.seconds);
    if say::err().is_terminal() {
        let _ = writeln!(say::err(), "asking {} for {} s", options.url, options.seconds);
    }
    let cpu = own_cpu_us();
    let turned = match options.rate {
        None => client.turn(&mut connections, length, DRAIN_TIMEOUT),
        Some(rate) => client.open_turn(&mut connections, length, rate, DRAIN_TIMEOUT),
    };
    let cpu = own_cpu_us().saturating_sub(cpu);
    let out = say::out();
    match options.format {
        Format::Json => out.json(format_args!("{:#}", as_json(&turned, first.status, cpu)))?,
        Format::Text => {
            write!(out, "{}", as_text(&turned, first.status, cpu, options.rate.is_some()))?;
        }
    }
    Ok(if turned.errors > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Where `http://host:port/path` or `unix:/path/of/socket:/path` leads.
fn target(url: &str) -> anyhow::Result<(Address, String)> {
    if let Some(rest) = url.strip_prefix("unix:") {
        let (socket, path) = rest.split_once(":/").unwrap_or((rest, ""));
        return Ok((Address::Unix(socket.into()), format!("/{path}")));
    }
    let Some(rest) = url.strip_prefix("http://") else {
        bail!(
            "{url:?} is not an address that can be asked: it must begin with http:// or unix: (TLS is not supported)"
        );
    };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host =
        if host.contains(':') && !host.ends_with(']') { host.to_owned() } else { format!("{host}:80") };
    let address: SocketAddr = host
        .to_socket_addrs()
        .with_context(|| format!("there is no host {host}"))?
        .next()
        .with_context(|| format!("{host} has no address"))?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok((Address::Tcp(address), path))
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
fn rate(turned: &TurnResult) -> f64 {
    turned.n as f64 / turned.wall.as_secs_f64().max(1e-9)
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
fn cpu_per_request(turned: &TurnResult, cpu_us: u64) -> f64 {
    cpu_us as f64 / turned.n.max(1) as f64
}

fn as_json(turned: &TurnResult, status: u16, cpu_us: u64) -> serde_json::Value {
    let latency = |quantile| turned.latencies.value_at_quantile(quantile);
    serde_json::json!({
        "requests": turned.n, "errors": turned.errors, "reconnects": turned.reconnects, "status": status,
        "seconds": turned.wall.as_secs_f64(), "requests_per_second": rate(turned),
        "p50_us": latency(0.5), "p90_us": latency(0.9), "p99_us": latency(0.99), "max_us": turned.latencies.max(),
        "lag_p50_us": turned.lag.value_at_quantile(0.5), "lag_p99_us": turned.lag.value_at_quantile(0.99),
        "client_cpu_us_per_request": cpu_per_request(turned, cpu_us),
        "trouble": turned.trouble.as_ref().map(ToString::to_string),
    })
}

fn as_text(turned: &TurnResult, status: u16, cpu_us: u64, open: bool) -> String {
    #[allow(clippy::cast_precision_loss)] // microseconds of a latency
    let latency = |quantile| turned.latencies.value_at_quantile(quantile) as f64 / 1000.0;
    let mut lines = vec![
        format!("requests     {} in {:.2} s, all with status {status}", turned.n, turned.wall.as_secs_f64()),
        format!("per second   {:.1}", rate(turned)),
        format!(
            "latency      p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, max {:.2} ms, from the moment {}",
            latency(0.5),
            latency(0.9),
            latency(0.99),
            latency(1.0),
            if open { "it was meant to be sent" } else { "it was sent" }
        ),
        format!("client       {:.1} µs of processor time per request", cpu_per_request(turned, cpu_us)),
    ];
    if open {
        let lag = |quantile| turned.lag.value_at_quantile(quantile);
        lines.push(format!("lag          p50 {} µs, p99 {} µs behind the beat", lag(0.5), lag(0.99)));
    }
    if turned.errors > 0 {
        let trouble = turned.trouble.as_ref().map(ToString::to_string).unwrap_or_default();
        lines.push(format!("errors       {}: {trouble}", turned.errors));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let tcp = |text: &str| Address::Tcp(text.parse().unwrap());
        assert_eq!(target("http://127.0.0.1:80").unwrap(), (tcp("127.0.0.1:80"), "/".to_owned()));
        assert_eq!(target("http://127.0.0.1/a?b=c").unwrap(), (tcp("127.0.0.1:80"), "/a?b=c".to_owned()));
        assert_eq!(target("http://127.0.0.1:81?b").unwrap(), (tcp("127.0.0.1:81"), "/?b".to_owned()));
        assert_eq!(target("http://[::1]:82/x").unwrap(), (tcp("[::1]:82"), "/x".to_owned()));
        let unix = Address::Unix("/tmp/a.sock".into());
        assert_eq!(target("unix:/tmp/a.sock:/x").unwrap(), (unix, "/x".to_owned()));
        assert!(target("https://example.org").is_err());
    }
}
