//! The address that this server is asked at: what links that others keep begin with.

use std::{fmt, str::FromStr};

use axum::http::{HeaderMap, header};

/// Scheme, host and port, as `https://wegen.example.org`; no path and no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<BaseUrl, String> {
        let bare = text.strip_suffix('/').unwrap_or(text);
        let host = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"));
        match host.is_some_and(is_host) {
            true => Ok(BaseUrl(bare.to_owned())),
            false => Err("an address without a path was expected, as https://wegen.example.org".to_owned()),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What addresses begin with: what the server was started with, else the host that the asker names; nothing where
/// neither is known, and addresses are then relative to the server.
pub(crate) fn base(given: Option<&BaseUrl>, headers: &HeaderMap) -> String {
    let asked = || headers.get(header::HOST).and_then(|v| v.to_str().ok()).filter(|h| is_host(h));
    match (given, asked()) {
        (Some(base), _) => base.to_string(),
        (None, Some(host)) => format!("http://{host}"),
        (None, None) => String::new(),
    }
}

/// A name or a number with or without a port: nothing that would end the host within an address.
fn is_host(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    (1..=255).contains(&text.len()) && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_scheme_and_host() {
        assert_eq!("https://a.org/".parse::<BaseUrl>().unwrap().to_string(), "https://a.org");
        assert_eq!("http://[::1]:8080".parse::<BaseUrl>().unwrap().to_string(), "http://[::1]:8080");
        for wrong in
            ["a.org", "ftp://a.org", "https://", "https://a.org/wegen", "https://a.org?x", "https://u@a.org"]
        {
            assert!(wrong.parse::<BaseUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_given_goes_before_the_host_that_is_named() {
        let mut headers = HeaderMap::new();
        assert_eq!(base(None, &headers), "");
        headers.insert(header::HOST, "b.org:81".parse().unwrap());
        assert_eq!(base(None, &headers), "http://b.org:81");
        assert_eq!(base("https://a.org".parse().ok().as_ref(), &headers), "https://a.org");
        headers.insert(header::HOST, "b.org/\"x".parse().unwrap());
        assert_eq!(base(None, &headers), "");
    }
}
