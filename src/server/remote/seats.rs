//! Who has a connection to the remote. The speaker's phone, the audience and those that nobody knows yet have seats of
//! their own, so that none of them can take another's.
//!
//! When there are too many of a kind, the one that came first has to go: a page that loses its connection comes back by
//! itself, and somebody with a right address always gets in.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::access::Role;

/// Connections that have not shown a right address yet: from one machine, and in all.
const UNKNOWN: Limit = Limit { each: 32, all: 512 };
/// Connections of the audience. A browser keeps two or three; a room may share one address.
const AUDIENCE: Limit = Limit { each: 1200, all: 1600 };
/// Connections of the speaker's phones.
const SPEAKER: Limit = Limit { each: 16, all: 16 };

/// Most connections of one kind.
#[derive(Debug, Clone, Copy)]
struct Limit {
    /// From one machine.
    each: usize,
    /// From all of them.
    all: usize,
}

/// Every connection that is open.
#[derive(Debug, Clone, Default)]
pub(super) struct Seats(Arc<Mutex<SeatTable>>);

#[derive(Debug, Default)]
struct SeatTable {
    /// The first to come is the first.
    seats: Vec<Guest>,
    last: u64,
}

#[derive(Debug)]
struct Guest {
    number: u64,
    from: IpAddr,
    /// What its requests have shown it to be; nothing yet.
    role: Option<Role>,
    /// Dropped when it has to go.
    _stays: oneshot::Sender<()>,
}

/// A connection's seat. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    number: u64,
    from: IpAddr,
    /// Ends when it has to go again, once it had to go and has shown a right address all the same.
    again: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Seats {
    /// A seat for a connection from this machine, and what ends when it has to go.
    pub(super) fn take(&self, from: IpAddr) -> (Seat, oneshot::Receiver<()>) {
        let (stays, leaves) = oneshot::channel();
        let mut table = self.lock();
        table.last += 1;
        let number = table.last;
        table.seats.push(Guest { number, from, role: None, _stays: stays });
        table.keep(None, from);
        (Seat { seats: self.clone(), number, from, again: Mutex::default() }, leaves)
    }

    fn lock(&self) -> MutexGuard<'_, SeatTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// A request of this connection was one of `role`'s.
    pub(super) fn is_of(&self, role: Role) {
        let mut table = self.seats.lock();
        let Some(at) = table.seats.iter().position(|guest| guest.number == self.number) else {
            // It had to go before anybody had heard what it said: a right address is never turned away.
            let (stays, leaves) = oneshot::channel();
            let guest = Guest { number: self.number, from: self.from, role: Some(role), _stays: stays };
            table.seats.push(guest);
            table.keep(Some(role), self.from);
            *self.again.lock().unwrap_or_else(PoisonError::into_inner) = Some(leaves);
            return;
        };
        // Whoever has shown the speaker's address stays the speaker.
        if matches!(table.seats.get(at), Some(guest) if guest.role.is_none() || role == Role::Speaker) {
            // The last to come among its own.
            let guest = table.seats.remove(at);
            let from = guest.from;
            table.seats.push(Guest { role: Some(role), ..guest });
            table.keep(Some(role), from);
        }
    }
}

impl Seat {
    /// What ends when it has to go again; nothing when it has not come back.
    pub(super) fn came_back(&self) -> Option<oneshot::Receiver<()>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().seats.retain(|guest| guest.number != self.number);
    }
}

impl SeatTable {
    /// Lets those go that came first, as long as there are too many of this kind.
    fn keep(&mut self, role: Option<Role>, from: IpAddr) {
        let limit = match role {
            None => UNKNOWN,
            Some(Role::Audience) => AUDIENCE,
            Some(Role::Speaker) => SPEAKER,
        };
        self.keep_of(limit.each, |guest| guest.role == role && guest.from == from);
        self.keep_of(limit.all, |guest| guest.role == role);
    }

    fn keep_of(&mut self, most: usize, counts: impl Fn(&Guest) -> bool) {
        let mut beyond = self.seats.iter().filter(|guest| counts(guest)).count().saturating_sub(most);
        self.seats.retain(|guest| {
            let goes = beyond > 0 && counts(guest);
            beyond -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    /// Whether the connection may stay.
    fn stays((_, leaves): &mut (Seat, oneshot::Receiver<()>)) -> bool {
        leaves.try_recv() == Err(oneshot::error::TryRecvError::Empty)
    }

    #[test]
    fn h6_a_full_audience_takes_nobody_elses_seat() {
        let seats = Seats::default();
        let mut speaker = seats.take(machine(1));
        speaker.0.is_of(Role::Speaker);
        let mut phones: Vec<_> = (0..2000_u32)
            .map(|n| {
                let phone = seats.take(machine(u8::try_from(n % 200).unwrap()));
                phone.0.is_of(Role::Audience);
                phone
            })
            .collect();
        assert!(stays(&mut speaker));
        let staying = phones.iter_mut().map(|phone| usize::from(stays(phone))).sum::<usize>();
        assert_eq!(staying, AUDIENCE.all);
        assert!(phones.last_mut().is_some_and(stays), "who comes last gets in");
    }

    #[test]
    fn h6_silent_connections_make_room_for_the_next_one_and_for_nobody_known() {
        let seats = Seats::default();
        let mut known = seats.take(machine(1));
        known.0.is_of(Role::Audience);
        let mut silent: Vec<_> = (0..64).map(|_| seats.take(machine(1))).collect();
        assert_eq!(silent.iter_mut().map(|one| usize::from(stays(one))).sum::<usize>(), UNKNOWN.each);
        let mut elsewhere = seats.take(machine(2));
        assert!(stays(&mut elsewhere) && stays(&mut known));
        let mut speaker = seats.take(machine(1));
        speaker.0.is_of(Role::Speaker);
        silent.extend((0..64).map(|_| seats.take(machine(1))));
        assert!(stays(&mut speaker), "a right address is never turned away");
        let mut late = silent.remove(0);
        assert!(!stays(&mut late));
        late.0.is_of(Role::Speaker);
        let again = late.0.came_back().unwrap();
        silent.extend((0..64).map(|_| seats.take(machine(1))));
        assert!(stays(&mut (late.0, again)), "a right address that was heard late comes back");
        drop(silent);
        assert_eq!(seats.lock().seats.len(), 3);
    }
}
