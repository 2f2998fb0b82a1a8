// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VaultV2} from "./VaultV2.sol";

/// @notice BAD ON PURPOSE: whoever calls the new initialiser first becomes the owner. Harmless only in an upgrade that
/// calls it at once.
contract VaultV2OpenDoor is VaultV2 {
    function initializeV2(address owner_) external reinitializer(3) {
        _transferOwnership(owner_);
    }
}
