# SPDX-License-Identifier: Apache-2.0
"""The API server: what it keeps, whom it believes, and how it is reached."""
