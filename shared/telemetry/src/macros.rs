//! The three ways to log. Each takes a fixed text, then fields of the vocabulary.

/// What a person has to look at.
#[macro_export]
macro_rules! error {
    ($text:literal $($rest:tt)*) => { $crate::event!(ERROR, $text $($rest)*) };
}

/// A single message that comes again or was refused.
#[macro_export]
macro_rules! warn {
    ($text:literal $($rest:tt)*) => { $crate::event!(WARN, $text $($rest)*) };
}

/// What a batch came to.
#[macro_export]
macro_rules! info {
    ($text:literal $($rest:tt)*) => { $crate::event!(INFO, $text $($rest)*) };
}

/// Puts fields of the vocabulary on a span: `note!(span, object = key)`. Nothing is
/// looked at unless the span is recorded.
#[macro_export]
macro_rules! note {
    ($span:expr $(, $name:ident = $value:expr)+ $(,)?) => {
        if $span.is_recorded() {
            $($span.put(stringify!($name), $crate::vocabulary::$name(&$value).into());)+
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! event {
    ($level:ident, $text:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::tracing::event!(
            $crate::tracing::Level::$level,
            message = $text,
            $($name = $crate::vocabulary::$name(&$value)),*
        )
    };
}
