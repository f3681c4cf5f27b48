//! Who may ask the remote for what: two tokens, and a bound on how often anybody may try.
//!
//! The server asks [`Gate::admit`] before it does anything else with a request.

use greenroom_base::hex;
use std::collections::VecDeque;
use std::io::Read as _;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong tokens from one address in a [`WINDOW`].
const WRONG_EACH: usize = 10;
/// Wrong tokens from all addresses in a [`WINDOW`]; also how many are remembered.
const WRONG_ALL: usize = 100;
/// How long a wrong token counts.
const WINDOW: Duration = Duration::from_mins(1);

/// What somebody with a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads notes and sends orders.
    Speaker,
    /// Reads the slide's number and title.
    Audience,
}

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Neither token.
    #[error("this address is not the one of the talk; scan its code again")]
    Wrong,
    /// Too many wrong tokens of late.
    #[error("too many wrong addresses were tried; wait a minute and scan the code again")]
    TooMany,
}

/// 128 bits from the system's random source, as 32 hexadecimal digits.
///
/// # Errors
/// The source cannot be read.
pub(crate) fn token() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// The two tokens, and the wrong ones seen of late.
#[derive(Debug)]
pub(crate) struct Gate {
    speaker: String,
    audience: String,
    wrong: VecDeque<(Instant, IpAddr)>,
}

impl Gate {
    /// A gate that knows these tokens. An empty one opens for nobody.
    #[must_use]
    pub(crate) fn new(speaker: String, audience: String) -> Self {
        Self { speaker, audience, wrong: VecDeque::with_capacity(WRONG_ALL) }
    }

    /// What `given` allows. A right token is never turned away, whoever else came from the same address: a room may share one,
    /// and 128 bits are not guessed. The limits hold up wrong ones only.
    ///
    /// # Errors
    /// The token is wrong, or there were too many wrong ones.
    pub(crate) fn admit(&mut self, given: &str, from: IpAddr, now: Instant) -> Result<Role, Refusal> {
        while self.wrong.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) >= WINDOW) {
            self.wrong.pop_front();
        }
        let (speaker, audience) = (same(given, &self.speaker), same(given, &self.audience));
        if speaker {
            return Ok(Role::Speaker);
        }
        if audience {
            return Ok(Role::Audience);
        }
        let each = self.wrong.iter().filter(|(_, who)| *who == from).count();
        if each >= WRONG_EACH || self.wrong.len() >= WRONG_ALL {
            return Err(Refusal::TooMany);
        }
        self.wrong.push_back((now, from));
        Err(Refusal::Wrong)
    }
}

/// Compares in a time that depends on the lengths only.
fn same(given: &str, token: &str) -> bool {
    let differ = given.bytes().zip(token.bytes()).fold(0_u8, |sum, (a, b)| sum | (a ^ b));
    !token.is_empty() && given.len() == token.len() && std::hint::black_box(differ) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
    }

    #[test]
    fn each_token_gives_its_role_and_an_empty_one_none() {
        let mut gate = Gate::new("aa".into(), String::new());
        let now = Instant::now();
        assert_eq!(gate.admit("aa", address(1), now), Ok(Role::Speaker));
        assert_eq!(gate.admit("", address(1), now), Err(Refusal::Wrong));
        assert_eq!(gate.admit("aab", address(1), now), Err(Refusal::Wrong));
        let mut gate = Gate::new("aa".into(), "bb".into());
        assert_eq!(gate.admit("bb", address(1), now), Ok(Role::Audience));
    }

    #[test]
    fn guesses_are_limited_by_address_and_overall_and_forgotten() {
        let mut gate = Gate::new("aa".into(), "bb".into());
        let now = Instant::now();
        for last in 0..10 {
            for _ in 0..WRONG_EACH {
                assert_eq!(gate.admit("x", address(last), now), Err(Refusal::Wrong));
            }
            assert_eq!(gate.admit("x", address(last), now), Err(Refusal::TooMany));
            assert_eq!(gate.admit("aa", address(last), now), Ok(Role::Speaker), "H6: a right one gets in");
        }
        assert_eq!(gate.admit("x", address(200), now), Err(Refusal::TooMany));
        assert_eq!(gate.admit("aa", address(200), now), Ok(Role::Speaker));
        assert_eq!(gate.admit("aa", address(1), now + WINDOW), Ok(Role::Speaker));
    }
}
