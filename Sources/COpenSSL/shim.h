// SPDX-License-Identifier: Apache-2.0
// OpenSSL's headers, and functions in the place of macros that Swift cannot import.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline int cmesh_ctx_set_tls13_only(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
}
static inline void cmesh_ctx_set_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
}
static inline void cmesh_ctx_set_max_cert_list(SSL_CTX *context, long bytes) {
    SSL_CTX_set_max_cert_list(context, bytes);
}
static inline int cmesh_ctx_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add0_chain_cert(context, certificate);
}
static inline int cmesh_ssl_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}
static inline void cmesh_bio_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void cmesh_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline int cmesh_general_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}
static inline const GENERAL_NAME *cmesh_general_name(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}
/// The text of a DNS name (GEN_DNS) or a URI (GEN_URI); NULL for other kinds. Not NUL-terminated.
static inline const unsigned char *cmesh_general_name_text(const GENERAL_NAME *name, int *kind,
                                                           int *length) {
    int type = 0;
    void *value = GENERAL_NAME_get0_value(name, &type);
    *kind = type;
    if (type != GEN_DNS && type != GEN_URI) return NULL;
    *length = ASN1_STRING_length((const ASN1_STRING *)value);
    return ASN1_STRING_get0_data((const ASN1_STRING *)value);
}
/// The serial number of the context's own certificate, 20 bytes at most (RFC 5280 section
/// 4.1.2.2), as digits of base 16; OPENSSL_free frees it. NULL if it cannot be told.
static inline char *cmesh_ctx_serial_number(SSL_CTX *context) {
    X509 *certificate = SSL_CTX_get0_certificate(context);
    BIGNUM *number = certificate ? ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL)
                                 : NULL;
    char *text = number ? BN_bn2hex(number) : NULL;
    BN_free(number);
    return text;
}
static inline void cmesh_free(void *memory) { OPENSSL_free(memory); }

/// When the context's own certificate expires, in Unix time; 0 if that cannot be told.
static inline long cmesh_ctx_expires_at(SSL_CTX *context) {
    X509 *certificate = SSL_CTX_get0_certificate(context);
    struct tm time = {0};
    if (!certificate || !ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time)) return 0;
    return (long)timegm(&time);
}

static inline GENERAL_NAMES *cmesh_subject_alternative_names(X509 *certificate) {
    return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}
