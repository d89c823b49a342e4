# SPDX-License-Identifier: Apache-2.0
"""The proxy's metrics held against their contract; see Scripts/golden."""
