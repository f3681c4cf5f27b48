//! How often anybody may ask: so many at once from one address, and so many more with time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Addresses that are remembered; those that asked longest ago are forgotten.
const MOST_ADDRESSES: usize = 4096;

/// A bound on how often each address may do something.
#[derive(Debug)]
pub(super) struct Pacing {
    /// At once.
    burst: u32,
    /// From one to the next, in the long run.
    each: Duration,
    /// When an address would have all of its burst again.
    full: HashMap<IpAddr, Instant>,
}

impl Pacing {
    pub(super) fn new(burst: u32, each: Duration) -> Self {
        Self { burst, each, full: HashMap::new() }
    }

    /// Whether `from` may do it at `now`; it has done so then.
    pub(super) fn allows(&mut self, from: IpAddr, now: Instant) -> bool {
        if self.full.len() >= MOST_ADDRESSES && !self.full.contains_key(&from) {
            self.full.retain(|_, full| *full > now);
            if self.full.len() >= MOST_ADDRESSES {
                self.full.clear();
            }
        }
        let full = self.full.entry(from).or_insert(now);
        let next = (*full).max(now) + self.each;
        let allowed = next.saturating_duration_since(now) <= self.each * self.burst;
        if allowed {
            *full = next;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_a_flood_is_not() {
        let mut pacing = Pacing::new(5, Duration::from_millis(100));
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let now = Instant::now();
        let allowed = |pacing: &mut Pacing, from, at| (0..20).filter(|_| pacing.allows(from, at)).count();
        assert_eq!((allowed(&mut pacing, one, now), allowed(&mut pacing, other, now)), (5, 5));
        assert_eq!(allowed(&mut pacing, one, now + Duration::from_millis(250)), 2);
        assert_eq!(allowed(&mut pacing, one, now + Duration::from_mins(1)), 5);
        for number in 0..20_000_u32 {
            pacing.allows(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(pacing.full.len() <= MOST_ADDRESSES);
    }
}
