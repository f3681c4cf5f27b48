//! The databases of a bench: a file, a private PostgreSQL server, or the one that `DATABASE_URL` names.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Gid, Uid};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::job::{Job, JobError};
use greenroom_base::clock::Elapsed;
use greenroom_base::hex;
use greenroom_deck::{Database, RuntimeName};
use greenroom_python::survey;
use greenroom_system::private;
use greenroom_system::pty::{Launcher, Live};

/// How long the server may take to accept connections.
const READY: Duration = Duration::from_secs(20);
/// The name of its only user.
const USER: &str = "greenroom";
/// What its socket is called after; nothing listens on a port.
const PORT: &str = "5432";
/// The user that it runs as when we are root, which PostgreSQL refuses to be.
const SYSTEM_USERS: [&str; 2] = ["postgres", "nobody"];

/// Why there is no database, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// PostgreSQL is not installed.
    #[error("there is no {0} in PATH, or where packages put it: install PostgreSQL, or set DATABASE_URL")]
    Missing(&'static str),
    /// We are root, and there is nobody else to be.
    #[error("PostgreSQL does not run as root, and there is no user postgres or nobody: set DATABASE_URL")]
    Root,
    /// One of its commands.
    #[error("PostgreSQL: {0}")]
    Job(#[from] JobError),
    /// It does not accept connections.
    #[error("PostgreSQL did not accept connections within {} s: {why}", READY.as_secs())]
    NotReady {
        /// What the last attempt brought.
        why: String,
    },
    /// Files, ports.
    #[error("the database cannot be made: {0}")]
    System(#[from] std::io::Error),
}

/// A database that is ready, or several: one for each runtime, so that they do not wait for each other.
pub enum Databases {
    /// None is wanted.
    None,
    /// Files in a folder that goes away with this.
    Files(TempDir),
    /// A server that goes away with this.
    Private(Box<Postgres>),
    /// Somebody else's.
    Url(String),
}

impl Databases {
    /// Makes what `wanted` says, with a database for each of `kinds`.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn make(
        wanted: Option<Database>,
        kinds: &[Option<RuntimeName>],
        launcher: &Launcher,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, DatabaseError> {
        match wanted {
            None => Ok(Self::None),
            Some(Database::Sqlite) => Ok(Self::Files(private::folder("gr-")?)),
            Some(Database::Postgresql) => match std::env::var("DATABASE_URL") {
                Ok(url) if url.starts_with("postgres") => Ok(Self::Url(url)),
                _ => {
                    let names: Vec<&str> = kinds.iter().map(|kind| name(*kind)).collect();
                    Ok(Self::Private(Box::new(Postgres::start(launcher, &names, stop)?)))
                }
            },
        }
    }

    /// What `DATABASE_URL` is for a runtime.
    #[must_use]
    pub fn url(&self, kind: Option<RuntimeName>) -> Option<String> {
        match self {
            Self::None => None,
            Self::Files(folder) => Some(format!(
                "sqlite:///{}",
                folder.path().join(name(kind)).with_extension("sqlite3").display()
            )),
            Self::Private(server) => Some(server.url(name(kind))),
            Self::Url(url) => Some(url.clone()),
        }
    }

    /// The guard of the server that belongs to the bench.
    #[must_use]
    pub fn guard(&self) -> Option<u32> {
        match self {
            Self::Private(server) => Some(server.live.guard()),
            _ => None,
        }
    }
}

const fn name(kind: Option<RuntimeName>) -> &'static str {
    match kind {
        Some(RuntimeName::Gil) => "gil",
        Some(RuntimeName::FreeThreaded) => "free_threaded",
        None => "other",
    }
}

/// A PostgreSQL server of our own, on a socket in a folder that only its user can enter (and root), with a password
/// that nobody else knows: it listens on no port. Its files are thrown away, so it does not wait for the disk.
pub struct Postgres {
    // Ended before its folder is removed.
    live: Live,
    password: String,
    folder: TempDir,
}

/// How its files are made: a password is asked for, and the disk is not waited for.
const MAKE: [&str; 5] = ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "-N"];
/// How it is run: on its socket alone, for its user alone; nothing of it has to outlive a crash.
const SETTINGS: [&str; 4] =
    ["listen_addresses=", "unix_socket_permissions=0700", "fsync=off", "max_connections=300"];

impl Postgres {
    fn start(launcher: &Launcher, names: &[&str], stop: &dyn Fn() -> bool) -> Result<Self, DatabaseError> {
        let (initdb, postgres) = (program("initdb")?, program("postgres")?);
        let createdb = program("createdb")?;
        let folder = private::socket_folder("gr-pg-")?;
        let password = random()?;
        let secret = folder.path().join("password");
        private::write_secret(&secret, &password)?;
        let user = other_user()?;
        if let Some((uid, gid, _)) = &user {
            for path in [folder.path(), &secret] {
                rustix::fs::chown(path, Some(*uid), Some(*gid)).map_err(std::io::Error::from)?;
            }
        }
        let as_user = |command: &[&str]| as_user(user.as_ref(), command);
        let data = folder.path().join("data").display().to_string();
        let (pwfile, sockets) =
            (format!("--pwfile={}", secret.display()), folder.path().display().to_string());
        let mut make = Job::new(&[], folder.path());
        make.command = as_user(&[&[&*initdb, "-D", &data, "-U", USER, &pwfile], &MAKE[..]].concat());
        let ended = make.run(stop);
        // It has been read, or is of no use any more.
        std::fs::remove_file(&secret)?;
        ended?;
        let mut serve = Job::new(&[], folder.path());
        let mut serving = vec![&*postgres, "-D", &data, "-p", PORT, "-k", &sockets];
        serving.extend(SETTINGS.iter().flat_map(|setting| ["-c", *setting]));
        serve.command = as_user(&serving);
        let spec = greenroom_system::pty::Spec {
            timeout: None,
            ..serve.spec().map_err(|error| JobError::Start { command: serve.command.join(" "), error })?
        };
        let live = launcher
            .start(&spec, Arc::new(Notify::new()), Elapsed::ZERO)
            .map_err(|error| JobError::Start { command: postgres.clone(), error })?;
        let server = Self { live, password, folder };
        server.create(&createdb, names, stop)?;
        Ok(server)
    }

    /// Makes the databases, as soon as the server lets us.
    fn create(&self, createdb: &str, names: &[&str], stop: &dyn Fn() -> bool) -> Result<(), DatabaseError> {
        let began = Instant::now();
        for name in names {
            let sockets = self.folder.path().display().to_string();
            let mut job = Job::new(&[createdb, "-h", &sockets, "-p", PORT, "-U", USER, name], Path::new("/"));
            job.env.insert("PGPASSWORD".to_owned(), self.password.clone());
            loop {
                match job.run(stop) {
                    Ok(()) => break,
                    Err(JobError::Failed { last, .. }) if began.elapsed() > READY => {
                        return Err(DatabaseError::NotReady { why: last });
                    }
                    // It has not come up yet.
                    Err(JobError::Failed { .. }) => std::thread::sleep(Duration::from_millis(100)),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    fn url(&self, name: &str) -> String {
        // In the query, as libpq and those who take the URL apart themselves find it; the path is plain.
        let sockets = self.folder.path().display();
        format!("postgresql://{USER}:{}@/{name}?host={sockets}&port={PORT}", self.password)
    }
}

/// A program of PostgreSQL: in `PATH`, or where packages put it; the newest.
fn program(name: &'static str) -> Result<String, DatabaseError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(survey::postgres_folders(Path::new("/")));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.map(|path| path.display().to_string()).ok_or(DatabaseError::Missing(name))
}

/// `command` as `user` runs it, who is somebody else where there is one.
fn as_user(user: Option<&(Uid, Gid, String)>, command: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    if let Some((uid, gid, _)) = user {
        let ids = [format!("--reuid={}", uid.as_raw()), format!("--regid={}", gid.as_raw())];
        all.push("setpriv".to_owned());
        all.extend(ids);
        all.extend(["--clear-groups".to_owned(), "--".to_owned()]);
    }
    all.extend(command.iter().map(|part| (*part).to_owned()));
    all
}

/// The user that the server runs as, when we are root.
fn other_user() -> Result<Option<(Uid, Gid, String)>, DatabaseError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map_while(|part| part.parse::<u32>().ok());
        Some((Uid::from_raw(numbers.next()?), Gid::from_raw(numbers.next()?), name.to_owned()))
    };
    SYSTEM_USERS.iter().find_map(|name| find(name)).map(Some).ok_or(DatabaseError::Root)
}

/// A password.
fn random() -> std::io::Result<String> {
    use std::io::Read;
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex::encode(bytes))
}
