//! The time of day, as it is where the program runs.

/// Seconds since midnight, local time.
#[must_use]
pub fn seconds_of_day() -> u64 {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let Ok(time) = libc::time_t::try_from(now) else { return 0 };
    // SAFETY: `tm` is plain data that localtime_r fills in; both pointers are to locals.
    let local = unsafe {
        let mut local: libc::tm = std::mem::zeroed();
        if libc::localtime_r(&raw const time, &raw mut local).is_null() {
            return now % 86_400;
        }
        local
    };
    u64::try_from(i64::from(local.tm_hour) * 3600 + i64::from(local.tm_min) * 60 + i64::from(local.tm_sec))
        .unwrap_or(0)
}
