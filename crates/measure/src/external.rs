//! Load from somebody else's generator, for those who trust that more: oha, wrk or k6, as installed.

use std::time::Duration;

use serde_json::Value;

use super::client::{Address, Ask, AskError, TurnResult};
use greenroom_system::command::Command;
use greenroom_system::subprocess::{End, Keep, Subprocess};

/// How long a generator may take after its time.
const GENERATOR_TIMEOUT: Duration = Duration::from_secs(15);
/// How long one may take to end when it is asked.
const GENERATOR_GRACE: Duration = Duration::from_secs(1);
/// Longer summaries are none, in bytes.
const MAX_PRINTED: usize = 16 << 20;

/// A generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadTool {
    /// <https://github.com/hatoo/oha>
    Oha,
    /// <https://github.com/wg/wrk>
    Wrk,
    /// <https://k6.io>
    K6,
}

impl LoadTool {
    /// The name of its program.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oha => "oha",
            Self::Wrk => "wrk",
            Self::K6 => "k6",
        }
    }

    /// The shortest turn that each of them can take: they count in whole seconds.
    pub(crate) const SHORTEST_TURN: Duration = Duration::from_secs(2);

    /// Lets it ask for `length`, with so many connections. It does not look at bodies, and neither can we.
    #[must_use]
    pub fn turn(self, ask: &Ask, connections: u16, length: Duration) -> TurnResult {
        let mut turned = TurnResult::new();
        if let Err(error) = self.run(ask, connections, length, &mut turned) {
            turned.wrong(error);
        }
        turned
    }

    fn run(self, ask: &Ask, connections: u16, length: Duration, to: &mut TurnResult) -> Result<(), AskError> {
        let Address::Tcp(address) = &ask.address else {
            let message = format!("{} asks on ports only: put {{port}} into the command", self.name());
            return Err(AskError::Connect(message));
        };
        let url = format!("http://{address}{}", ask.path);
        let (number, seconds) = (connections.to_string(), format!("{}s", length.as_secs().max(1)));
        let mut command = Command::new(self.name());
        match self {
            Self::Oha => {
                command.args([
                    "-z",
                    &seconds,
                    "-c",
                    &number,
                    "-w",
                    "--no-tui",
                    "--output-format",
                    "json",
                    &url,
                ]);
            }
            Self::Wrk => {
                command.args(["-t1", "-c", &number, "-d", &seconds, "--latency", &url]);
            }
            Self::K6 => {
                let trends = "--summary-trend-stats=med,p(99)";
                command.args(["run", "--quiet", "--vus", &number, "--duration", &seconds, trends]);
                command.args(["--summary-export=/dev/stdout", "--no-usage-report", "-"]);
            }
        }
        let script = format!("import http from 'k6/http';\nexport default () => {{ http.get({url:?}); }};\n");
        let printed = output(command, self, script, length + GENERATOR_TIMEOUT)?;
        let read = match self {
            Self::Oha => oha(&printed, ask.status),
            Self::Wrk => wrk(&printed),
            Self::K6 => k6(&printed),
        };
        let read = read.ok_or_else(|| AskError::Broken(format!("{} printed no summary", self.name())))?;
        (to.n, to.errors, to.wall) = (read.n, read.errors, read.wall);
        to.percentiles = Some((read.p50_us, read.p99_us));
        Ok(())
    }
}

/// What a generator prints. Only k6 reads `script`.
fn output(command: Command, tool: LoadTool, script: String, patience: Duration) -> Result<String, AskError> {
    let generator = Subprocess::new(command, patience).grace(GENERATOR_GRACE).input(script);
    let finished = generator.keep_stdout(Keep::All(MAX_PRINTED)).keep_stderr(Keep::Nothing).run();
    let finished = finished.map_err(|error| AskError::Broken(format!("{}: {error}", tool.name())))?;
    if finished.end == End::TimedOut {
        Err(AskError::Slow(patience))
    } else {
        Ok(finished.text().into_owned())
    }
}

/// What a generator says of a turn.
#[derive(Debug, PartialEq, Eq)]
struct Summary {
    n: u64,
    errors: u64,
    wall: Duration,
    p50_us: u64,
    p99_us: u64,
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and that is meant
fn oha(printed: &str, status: u16) -> Option<Summary> {
    let value: Value = serde_json::from_str(printed).ok()?;
    let all = value.get("statusCodeDistribution")?.as_object()?;
    let n = all.get(&status.to_string()).and_then(Value::as_u64).unwrap_or(0);
    let others: u64 = all.values().filter_map(Value::as_u64).sum::<u64>().saturating_sub(n);
    let failed: u64 = value.get("errorDistribution")?.as_object()?.values().filter_map(Value::as_u64).sum();
    let micros = |name: &str| Some((value.get("latencyPercentiles")?.get(name)?.as_f64()? * 1e6) as u64);
    Some(Summary {
        n,
        errors: others + failed,
        wall: Duration::try_from_secs_f64(value.get("summary")?.get("total")?.as_f64()?).ok()?,
        p50_us: micros("p50")?,
        p99_us: micros("p99")?,
    })
}

fn wrk(printed: &str) -> Option<Summary> {
    let field = |name: &str| {
        let line = printed.lines().map(str::trim).find(|line| line.starts_with(name))?;
        line.strip_prefix(name).map(|rest| rest.trim().to_owned())
    };
    let line = printed.lines().map(str::trim).find(|line| line.contains(" requests in "))?;
    let (n, rest) = line.split_once(" requests in ")?;
    let all: u64 = n.parse().ok()?;
    let wall = duration(rest.split(',').next()?)?;
    let wrong: u64 = field("Non-2xx or 3xx responses:").and_then(|text| text.parse().ok()).unwrap_or(0);
    let sockets = field("Socket errors:").unwrap_or_default();
    let failed: u64 = sockets.split([' ', ',']).filter_map(|word| word.parse::<u64>().ok()).sum();
    let micros = |name: &str| u64::try_from(duration(&field(name)?)?.as_micros()).ok();
    Some(Summary {
        n: all.saturating_sub(wrong),
        errors: wrong + failed,
        wall,
        p50_us: micros("50%")?,
        p99_us: micros("99%")?,
    })
}

/// `2.00s`, `250.00us`, `1.20ms`, `1.50m`
fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // counts and times
fn k6(printed: &str) -> Option<Summary> {
    let value: Value = serde_json::from_str(printed.get(printed.find('{')?..)?).ok()?;
    let metrics = value.get("metrics")?;
    let requests = metrics.get("http_reqs")?;
    let (all, rate) = (requests.get("count")?.as_f64()?, requests.get("rate")?.as_f64()?);
    let failed =
        metrics.get("http_req_failed").and_then(|failed| failed.get("passes")?.as_f64()).unwrap_or(0.0);
    let latency = metrics.get("http_req_duration")?;
    let micros = |name: &str| Some((latency.get(name)?.as_f64()? * 1000.0) as u64);
    Some(Summary {
        n: (all - failed).max(0.0) as u64,
        errors: failed as u64,
        wall: Duration::try_from_secs_f64(all / rate.max(1e-9)).ok()?,
        p50_us: micros("med")?,
        p99_us: micros("p(99)")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrks_summary_is_read() {
        let printed = "Running 2s test @ http://127.0.0.1:8123/\n  1 threads and 8 connections\n  Thread Stats   Avg\n\
            \x20 Latency Distribution\n     50%  210.00us\n     75%  1.20ms\n     99%    2.05ms\n\
            \x20 55632 requests in 2.01s, 6.79MB read\n  Socket errors: connect 1, read 2, write 0, timeout 0\n\
            \x20 Non-2xx or 3xx responses: 32\nRequests/sec:  18476.58\n";
        let found = wrk(printed).unwrap();
        assert_eq!((found.n, found.errors), (55_600, 35));
        assert_eq!((found.p50_us, found.p99_us), (210, 2050));
        assert_eq!(found.wall, Duration::from_millis(2010));
        assert_eq!(wrk("unable to connect"), None);
    }

    #[test]
    fn ohas_summary_is_read() {
        let printed = r#"{"summary": {"total": 2.5, "requestsPerSec": 40.0},
            "latencyPercentiles": {"p50": 0.0021, "p99": 0.01},
            "statusCodeDistribution": {"200": 100, "500": 3}, "errorDistribution": {"timeout": 2}}"#;
        let found = oha(printed, 200).unwrap();
        assert_eq!((found.n, found.errors, found.p50_us, found.p99_us), (100, 5, 2100, 10_000));
        assert_eq!(oha("{}", 200), None);
    }

    #[test]
    fn k6s_summary_is_read() {
        let printed = r#"time="x" level=info
            {"metrics": {"http_reqs": {"count": 200, "rate": 100.0}, "http_req_failed": {"passes": 4, "fails": 196},
            "http_req_duration": {"med": 2.5, "p(99)": 9.0}}}"#;
        let found = k6(printed).unwrap();
        assert_eq!((found.n, found.errors, found.wall), (196, 4, Duration::from_secs(2)));
        assert_eq!((found.p50_us, found.p99_us), (2500, 9000));
    }
}
