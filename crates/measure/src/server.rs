//! One server: started behind a guard, waited for, known by its processes, and stopped.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::client::Address;
use super::lines::{OutputTail, in_words};
use super::meter::Tree;
use super::native;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, What};
use greenroom_base::source::{Control, EventSource};
use greenroom_system::pty::{Launcher, Live, Spec, StartError};

/// How long it may take to answer, while the other variants start beside it.
const READY: Duration = Duration::from_secs(30);
/// How long it may take to end, before it is killed.
const SERVER_GRACE: Duration = Duration::from_secs(3);

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The variant's name.
    pub name: String,
    /// Program and arguments, with `{port}` and `{socket}` in them.
    pub command: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Its environment, `PATH` among it.
    pub env: BTreeMap<String, String>,
    /// Where Unix sockets may be made.
    pub sockets: PathBuf,
}

/// Why a server cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It ended, and should not have.
    #[error("the server has ended ({how}){}", said(.last))]
    Ended {
        /// Its exit.
        how: String,
        /// Its last words.
        last: Vec<String>,
    },
    /// It does not answer.
    #[error("the server did not answer within {} s: {why}{}", READY.as_secs(), said(.last))]
    NotReady {
        /// What the last attempt brought.
        why: String,
        /// Its last words.
        last: Vec<String>,
    },
    /// Somebody else answers.
    #[error(
        "port {port} is served by a process that does not belong to this variant: stop it, or use {{socket}}"
    )]
    Stranger {
        /// Which.
        port: u16,
    },
    /// The system has no port left.
    #[error("no port could be had: {0}")]
    NoPort(std::io::Error),
}

fn said(last: &[String]) -> String {
    if last.is_empty() { String::new() } else { format!("; its last words:\n{}", last.join("\n")) }
}

/// A server that runs.
pub(crate) struct Server {
    /// Where it listens.
    pub address: Address,
    /// The command as it was started.
    pub argv: Vec<String>,
    /// Its processes.
    pub tree: Tree,
    /// From its start to its first answer.
    pub ready: Duration,
    live: Live,
    began: Instant,
    output: OutputTail,
    end: Option<Exit>,
}

impl Server {
    /// Starts a server, which then takes its time to be ready. `socket` is the name of its Unix socket, if it wants one: short,
    /// since the system allows about a hundred bytes for a path, and no other server's.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn begin(launcher: &Launcher, plan: &Plan, socket: &str) -> Result<Self, ServerError> {
        let (address, argv) = listen(plan, socket)?;
        let (program, arguments) = argv.split_first().ok_or(StartError::NoProgram)?;
        let spec = Spec {
            program: program.clone(),
            args: arguments.to_vec(),
            directory: plan.directory.clone(),
            env: plan.env.clone(),
            size: super::lines::TERMINAL,
            timeout: None,
            grace: Some(SERVER_GRACE),
        };
        let began = Instant::now();
        let live = launcher.start(&spec, Arc::new(Notify::new()), Elapsed::ZERO)?;
        let tree = Tree::below(live.guard());
        let ready = Duration::ZERO;
        Ok(Self { address, argv, tree, ready, live, began, output: OutputTail::default(), end: None })
    }

    /// Somebody has answered where it listens.
    ///
    /// # Errors
    /// When somebody else may have, in its place.
    pub(crate) fn is_ready(&mut self) -> Result<(), ServerError> {
        self.ready = self.began.elapsed();
        self.is_itself()
    }

    /// Whether it still runs, and still has time to become ready. `why` it was not when it was last asked.
    ///
    /// # Errors
    /// When it has ended, or its time is up.
    pub(crate) fn may_become_ready(&mut self, why: String) -> Result<(), ServerError> {
        self.check()?;
        if self.began.elapsed() < READY {
            return Ok(());
        }
        Err(ServerError::NotReady { why, last: self.last_lines() })
    }

    /// Takes in what it printed, and says whether it still runs.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn check(&mut self) -> Result<(), ServerError> {
        self.listen();
        match &self.end {
            None => Ok(()),
            Some(exit) => Err(ServerError::Ended { how: in_words(exit), last: self.output.last() }),
        }
    }

    fn listen(&mut self) {
        let (output, end) = (&mut self.output, &mut self.end);
        self.live.poll(self.began.elapsed().into(), &mut |event| match event.what {
            What::Output(bytes) => output.take_in(&bytes),
            What::Exit(exit) => *end = Some(exit),
            _ => {}
        });
    }

    /// The lines it printed since the last call, as far as a record has room for them.
    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        self.output.take_untold()
    }

    /// The last lines it printed.
    #[must_use]
    pub(crate) fn last_lines(&self) -> Vec<String> {
        self.output.last()
    }

    /// Every socket that listens on its port belongs to one of its processes: another server can listen on the same
    /// port without an error, and the system then splits the connections.
    fn is_itself(&self) -> Result<(), ServerError> {
        let Address::Tcp(address) = &self.address else { return Ok(()) };
        let listening = native::sockets_at(&Address::Tcp(*address)).listening;
        let of = |pid: u32| native::sockets_of(pid).map(|(open, _)| open).unwrap_or_default();
        let own: Vec<u64> = self.tree.pids().into_iter().flat_map(of).collect();
        if listening.iter().all(|inode| own.contains(inode)) {
            Ok(())
        } else {
            Err(ServerError::Stranger { port: address.port() })
        }
    }

    /// Asks it to end; dropping it waits for that.
    pub(crate) fn stop(&mut self) {
        let _ = self.live.control(Control::Stop, self.began.elapsed().into());
    }
}

/// Finds a free port or a path, and puts it into the command.
fn listen(plan: &Plan, socket: &str) -> Result<(Address, Vec<String>), ServerError> {
    let uses = |word: &str| plan.command.iter().any(|part| part.contains(word));
    let mut argv = plan.command.clone();
    if uses("{socket}") {
        let path = plan.sockets.join(socket);
        let text = path.display().to_string();
        argv = argv.iter().map(|part| part.replace("{socket}", &text)).collect();
        return Ok((Address::Unix(path), argv));
    }
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address: SocketAddr = free.map_err(ServerError::NoPort)?;
    let port = address.port().to_string();
    argv = argv.iter().map(|part| part.replace("{port}", &port)).collect();
    Ok((Address::Tcp(address), argv))
}
