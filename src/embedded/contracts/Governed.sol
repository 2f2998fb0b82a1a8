// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";

/// @notice Owned by the timelock, paused by the guardians. Guardians stop at once and can do nothing else; starting again
/// takes the council and the timelock's delay.
abstract contract Governed is OwnableUpgradeable, PausableUpgradeable {
    /// @custom:storage-location erc7201:quorate.embedded.Governed
    struct GovernedStorage {
        address pauser;
    }

    bytes32 private constant GOVERNED =
        keccak256(abi.encode(uint256(keccak256("quorate.embedded.Governed")) - 1)) & ~bytes32(uint256(0xff));

    event PauserChanged(address indexed pauser);

    error NotPauser(address account);

    function __Governed_init(address owner_, address pauser_) internal onlyInitializing {
        __Ownable_init(owner_);
        __Pausable_init();
        _setPauser(pauser_);
    }

    function pause() external {
        if (msg.sender != pauser()) revert NotPauser(msg.sender);
        _pause();
    }

    function unpause() external onlyOwner {
        _unpause();
    }

    function setPauser(address pauser_) external onlyOwner {
        _setPauser(pauser_);
    }

    function pauser() public view returns (address) {
        return _governed().pauser;
    }

    function _setPauser(address pauser_) private {
        _governed().pauser = pauser_;
        emit PauserChanged(pauser_);
    }

    function _governed() private pure returns (GovernedStorage storage $) {
        bytes32 slot = GOVERNED;
        assembly {
            $.slot := slot
        }
    }
}
